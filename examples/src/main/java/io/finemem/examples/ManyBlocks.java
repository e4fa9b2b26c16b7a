package io.finemem.examples;

import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import java.util.List;

/**
 * Many blocks of one length at once: a new span of the pool takes two round trips, its 32 chunks come with it.
 * Their frees wait for nothing.
 */
public final class ManyBlocks {
    private ManyBlocks() {}

    public static void main(String[] arguments) {
        try (FineMem memory = FineMem.embedded()) {
            List<RemoteBlock> blocks = memory.allocateAll(4096, 32);
            long claimed = memory.statistics().roundTrips();
            memory.freeAll(blocks);
            long freed = memory.statistics().roundTrips() - claimed;
            System.out.println(
                    blocks.size() + " blocks in " + claimed + " round trips, freed after waiting for " + freed);
        }
    }
}
