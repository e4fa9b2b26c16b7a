package io.finemem.examples;

import io.finemem.api.BlockHandle;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Two owners allocate in one pool without knowing of each other: a compare-and-swap on the memory node decides who gets
 * what. Each counts in a block of its own by atomics of the memory node's side.
 */
public final class TwoOwnersOnePool {
    private static final int COUNTS = 1000;

    private TwoOwnersOnePool() {}

    public static void main(String[] arguments) throws IOException {
        try (LocalPool pool = new LocalPool();
                FineMem mine = FineMem.connect(pool.client());
                FineMem yours = FineMem.connect(pool.client());
                RemoteBlock here = mine.allocate(8192);
                RemoteBlock there = yours.allocate(8192)) {
            System.out.println("owners: " + pool.memoryNode().audit().owners());
            System.out.println("apart: " + apart(here.handle(), there.handle()));
            here.write(0, ByteBuffer.allocate(8));
            there.write(0, ByteBuffer.allocate(8));
            for (int i = 0; i < COUNTS; i++) {
                long counted = here.fetchAdd(0, 1);
                there.compareAndSwap(0, counted, counted + 1);
            }
            System.out.println("counted: " + here.fetchAdd(0, 0) + " and " + there.fetchAdd(0, 0));
        }
    }

    private static boolean apart(BlockHandle a, BlockHandle b) {
        return a.address() + a.length() <= b.address() || b.address() + b.length() <= a.address();
    }
}
