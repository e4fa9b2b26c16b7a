package io.finemem.allocator.memorynode;

/**
 * What became of blocks freed in strict isolation; all zero in direct isolation.
 *
 * @param revoked blocks whose rkey was ended and whose units were given back, since the memory node was opened
 * @param pending blocks whose free was requested and is not done
 * @param exchangedWindows windows that were exchanged because their rkeys were used up
 * @param failures attempts in a row that failed until now; 0 if all is well
 * @param failure why the latest attempt failed if several in a row did, so that it does not look like a passing trouble; else
 *     empty
 */
public record RevocationReport(long revoked, long pending, long exchangedWindows, int failures, String failure) {
    /** Direct isolation. */
    static final RevocationReport NONE = new RevocationReport(0, 0, 0, 0, "");
}
