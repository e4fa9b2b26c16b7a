package io.finemem.it.allocator;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures strict isolation on shm: one thread allocates and frees blocks of 4 KiB at a given rate, and how long a freed block
 * takes until it can be allocated again. Run by hand; arguments: frees per second (0: as fast as it goes), seconds.
 */
final class StrictLag {
    private static final long SECTION = 2L << 20;
    private static final int LIVE = 1000;

    private final MemoryNode node;
    private final FineMemAllocator memory;
    private final AtomicLongArray freedAt;
    private final long[] lags;
    private volatile boolean done;

    private StrictLag(MemoryNode node, FineMemAllocator memory, int frees) {
        this.node = node;
        this.memory = memory;
        this.freedAt = new AtomicLongArray(frees);
        this.lags = new long[frees];
    }

    public static void main(String[] arguments) throws InterruptedException {
        int rate = Integer.parseInt(arguments[0]);
        int frees = (rate == 0 ? 100_000 : rate) * Integer.parseInt(arguments[1]);
        try (Transport transport = new ShmTransportProvider().open(TransportSettings.empty());
                Pool pool = new Pool(transport, Isolation.STRICT, Duration.ofSeconds(10), 64 * SECTION)) {
            FineMemAllocator memory = pool.owner(AllocatorOptions.defaults().withWorkers(1));
            new StrictLag(pool.node(0), memory, frees).run(rate);
        }
    }

    private void run(int rate) throws InterruptedException {
        Thread observer = new Thread(this::observe, "observer");
        observer.start();
        long start = System.nanoTime();
        free(rate, start);
        double seconds = (System.nanoTime() - start) / 1e9;
        done = true;
        observer.join();
        Arrays.sort(lags);
        System.out.printf(
                Locale.ROOT,
                "%d frees, %.0f/s, lag in us: median %d, 99%% %d, 99.9%% %d, max %d%n",
                lags.length,
                lags.length / seconds,
                micros(0.5),
                micros(0.99),
                micros(0.999),
                micros(1));
    }

    private long micros(double quantile) {
        return TimeUnit.NANOSECONDS.toMicros(lags[(int) Math.min(lags.length - 1L, (long) (quantile * lags.length))]);
    }

    private void free(int rate, long start) {
        ArrayDeque<RemoteBlock> live = new ArrayDeque<>();
        for (int i = 0; i < freedAt.length() + LIVE; i++) {
            live.add(memory.allocate(4096));
            int freed = i - LIVE;
            if (freed < 0) {
                continue;
            }
            while (rate > 0 && System.nanoTime() - start < freed * 1_000_000_000L / rate) {
                Thread.onSpinWait();
            }
            freedAt.set(freed, System.nanoTime());
            live.remove().close();
        }
    }

    private void observe() {
        int seen = 0;
        while (seen < lags.length) {
            long revoked = node.revocations().revoked();
            long now = System.nanoTime();
            for (; seen < revoked && seen < lags.length; seen++) {
                lags[seen] = now - freedAt.get(seen);
            }
            if (!done) {
                LockSupport.parkNanos(50_000);
            }
        }
    }
}
