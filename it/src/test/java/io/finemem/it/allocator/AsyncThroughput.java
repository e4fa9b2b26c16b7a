package io.finemem.it.allocator;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;

/**
 * Measures what one thread gets per second, blocking and asynchronous: pairs of an allocation and a free of 4 KiB.
 * Arguments: {@code shm|rxe} and pairs per round.
 */
final class AsyncThroughput {
    private static final int CHUNK = 4096;
    private static final int LIVE = 48;

    private AsyncThroughput() {}

    public static void main(String[] arguments) {
        int pairs = Integer.parseInt(arguments[1]);
        try (Transport transport = arguments[0].equals("rxe")
                        ? RxeTransport.open()
                        : new ShmTransportProvider().open(TransportSettings.empty());
                Pool pool = new Pool(transport, 8 * Pool.SECTION)) {
            for (int depth : new int[] {1, 4, 16, 64}) {
                FineMemAllocator memory =
                        pool.owner(AllocatorOptions.defaults().withWorkers(1).withAsync(depth, 1024));
                for (int round = 0; round < 3; round++) {
                    System.out.printf(
                            Locale.ROOT,
                            "%s depth %2d: blocking %,9.0f pairs/s, async %,9.0f pairs/s%n",
                            arguments[0],
                            depth,
                            perSecond(pairs, () -> blocking(memory, pairs)),
                            perSecond(pairs, () -> async(memory, pairs)));
                }
                memory.close();
            }
        }
    }

    private static double perSecond(int pairs, Runnable work) {
        long start = System.nanoTime();
        work.run();
        return pairs * 1e9 / (System.nanoTime() - start);
    }

    private static void blocking(FineMemAllocator memory, int pairs) {
        Deque<RemoteBlock> live = new ArrayDeque<>();
        for (int i = 0; i < pairs; i++) {
            live.add(memory.allocate(CHUNK));
            if (live.size() == LIVE) {
                live.remove().close();
            }
        }
        live.forEach(RemoteBlock::close);
    }

    private static void async(FineMemAllocator memory, int pairs) {
        Deque<CompletionStage<?>> live = new ArrayDeque<>();
        for (int i = 0; i < pairs; i++) {
            live.add(memory.allocateAsync(CHUNK).thenCompose(memory::freeAsync));
            if (live.size() == LIVE) {
                live.remove().toCompletableFuture().join();
            }
        }
        List<CompletionStage<?>> rest = new ArrayList<>(live);
        rest.forEach(stage -> stage.toCompletableFuture().join());
    }
}
