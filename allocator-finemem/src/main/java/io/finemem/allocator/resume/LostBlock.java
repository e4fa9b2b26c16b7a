package io.finemem.allocator.resume;

/**
 * A block of a predecessor that this owner does not hold.
 *
 * @param identity as it was recorded
 * @param reason why
 */
public record LostBlock(BlockIdentity identity, Reason reason) {
    /** Why a block is not held. */
    public enum Reason {
        /** Its owner was not resumed at that memory node: see {@link NodeResumption#outcome}. */
        OWNER_LOST,
        /** There is no session with its memory node; the block is there until the owner's lease ends. */
        NODE_ABSENT,
        /** The owner was resumed, and does not hold it: it was freed, or is being freed. */
        NOT_HELD
    }
}
