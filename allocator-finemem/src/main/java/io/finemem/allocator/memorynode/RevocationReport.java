package io.finemem.allocator.memorynode;

/**
 * What became of blocks freed in strict isolation; all zero in direct isolation.
 *
 * @param revoked blocks whose rkey was ended and whose units were given back, since the memory node was opened
 * @param pending blocks whose free was requested and is not done
 * @param exchangedWindows windows that were exchanged because their rkeys were used up
 */
public record RevocationReport(long revoked, long pending, long exchangedWindows) {}
