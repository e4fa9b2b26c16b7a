package io.finemem.allocator.control;

/**
 * Admission of an owner that may be resumed by another session.
 *
 * @param grant as for any owner
 * @param token to be shown by who {@linkplain MemoryNodeControl#resume resumes} it; kept secret
 */
public record ResumableGrant(OwnerGrant grant, ResumeToken token) {}
