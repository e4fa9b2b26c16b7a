package io.finemem.allocator.recovery;

/**
 * Ends the rkeys of units before they are given back. In direct isolation there is nothing to end.
 */
public interface Revoker {
    /** Direct isolation. */
    Revoker NONE = new Revoker() {
        @Override
        public void chunks(int span, int mask) {}

        @Override
        public void spans(int section, int mask) {}

        @Override
        public void revoke() {}
    };

    /** These chunks of a span are nobody's but the fenced owner's: every rkey for a block within them is to be ended. */
    void chunks(int span, int mask);

    /** The same for whole spans of a section. */
    void spans(int section, int mask);

    /** These chunks of a span are one block whose holder freed it: the block's rkey is to be ended. */
    default void block(int span, int mask) {
        chunks(span, mask);
    }

    /** The same for whole spans of a section, or a block's part in the section. */
    default void spanBlock(int section, int mask) {
        spans(section, mask);
    }

    /**
     * Ends the rkeys of all units named since the last call, and makes new ones known; returns when that is done. Whether it
     * succeeds or fails, nothing is named afterwards; what failed is named again by who tries again.
     */
    void revoke();
}
