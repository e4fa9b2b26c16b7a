package io.finemem.service.ipc;

/**
 * A block as the service tells an application of it.
 *
 * @param handle names it within the session
 * @param address first byte on its memory node
 * @param chunks length in chunks of 4 KiB
 * @param rkey opens it, or its first section
 * @param node index of its memory node in the {@link Frame.Welcome}
 * @param keysDiffer whether its other sections have rkeys of their own
 * @param generation tells this holding of the memory from others
 */
public record BlockRecord(
        long handle, long address, int chunks, int rkey, int node, boolean keysDiffer, int generation) {
    /** Text form without the key. */
    @Override
    public String toString() {
        return "record{handle=" + Long.toHexString(handle) + " node=" + node + " address=0x" + Long.toHexString(address)
                + " chunks=" + chunks + " generation=" + generation + "}";
    }
}
