package io.finemem.api;

/**
 * Names a block in the pool: what a one-sided operation needs, and a generation that tells this holding of the memory from
 * earlier and later ones.
 *
 * @param memoryNode name of the memory node as configured
 * @param address virtual address of the first byte on the memory node, a multiple of 4 KiB
 * @param length bytes
 * @param rkey remote key that opens exactly this block where the transport enforces window bounds; it dies when the block
 *     is freed
 * @param generation version of the header word that the allocating compare-and-swap left; equal address and generation
 *     mean the same holding
 */
public record BlockHandle(String memoryNode, long address, long length, int rkey, long generation) {

    /** Text form without the rkey, which is a secret of the holder. */
    @Override
    public String toString() {
        return "block{node=" + memoryNode + " address=0x" + Long.toHexString(address) + " length=" + length
                + " generation=" + generation + "}";
    }
}
