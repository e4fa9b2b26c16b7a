package io.finemem.service.server;

/**
 * How much may be held at a time.
 *
 * @param bytes bytes of all blocks, 0 or more
 * @param blocks blocks, 0 or more
 */
public record Quota(long bytes, long blocks) {
    /** No limit but the pool's. */
    public static final Quota UNLIMITED = new Quota(Long.MAX_VALUE, Long.MAX_VALUE);

    /** Checks the ranges. */
    public Quota {
        if (bytes < 0 || blocks < 0) {
            throw new IllegalArgumentException("a quota must be 0 or more: " + bytes + " bytes, " + blocks + " blocks");
        }
    }
}
