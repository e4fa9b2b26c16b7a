package io.finemem.service.journal;

/**
 * The call of a mailbox that was carried out last, of those that change something.
 *
 * @param group its number in the session
 * @param sequence of its request
 * @param opcode what was asked for; {@link #NOTHING} if nothing was yet, or if the call failed
 * @param count how many blocks
 */
public record LastCall(long group, int sequence, int opcode, int count) {
    /** No opcode. */
    public static final int NOTHING = 0;

    /** No call. */
    public static final LastCall NONE = new LastCall(0, 0, NOTHING, 0);
}
