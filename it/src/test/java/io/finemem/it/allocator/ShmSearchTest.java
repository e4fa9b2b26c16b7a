package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Room that exists is found. */
class ShmSearchTest {
    private static final int CHUNK = 4096;
    private static final int CHUNKS_PER_SPAN = 32;
    private static final int CHUNKS_PER_SECTION = 512;

    private final Transport transport = new ShmTransportProvider().open(TransportSettings.empty());

    @AfterEach
    void close() {
        transport.close();
    }

    @Test
    void alignedRunThatAPlainMapSeesIsAllocated() {
        long seed = System.nanoTime();
        for (int run = 0; run < 20; run++) {
            Random random = new Random(seed + run);
            int sections = 1 + random.nextInt(4);
            try (Pool pool = new Pool(transport, sections * Pool.SECTION)) {
                compareWithPlainMap(pool, sections, random, "seed " + (seed + run));
            }
        }
    }

    private static void compareWithPlainMap(Pool pool, int sections, Random random, String seed) {
        FineMemAllocator memory = pool.owner(AllocatorOptions.defaults().withWorkers(1 + random.nextInt(2)));
        long heap = pool.node(0).describe().heapAddress();
        BitSet used = new BitSet();
        List<RemoteBlock> live = new ArrayList<>();
        int frees = 1 + random.nextInt(3);
        for (int i = 0; i < 1500; i++) {
            if (random.nextInt(5) >= frees || live.isEmpty()) {
                int chunks = 1 << random.nextInt(random.nextInt(4) > 0 ? 6 : sections > 1 ? 11 : 10);
                boolean room = hasRoom(used, sections, chunks);
                try {
                    RemoteBlock block = memory.allocate((long) chunks * CHUNK);
                    live.add(block);
                    set(used, heap, block, true, seed);
                    assertThat(room).as(seed).isTrue();
                } catch (OutOfRemoteMemory full) {
                    assertThat(room)
                            .as("%s step %d chunks %d: %s", seed, i, chunks, full)
                            .isFalse();
                }
            } else {
                RemoteBlock block = live.remove(random.nextInt(live.size()));
                set(used, heap, block, false, seed);
                block.close();
            }
        }
        assertThat(pool.auditedChunks()).as(seed).isEqualTo(used.cardinality());
    }

    /** Chunks of one span, whole spans of one section, or whole sections, aligned to their size; sections to a section. */
    private static boolean hasRoom(BitSet used, int sections, int chunks) {
        int step = Math.min(chunks, CHUNKS_PER_SECTION);
        for (int first = 0; first + chunks <= sections * CHUNKS_PER_SECTION; first += step) {
            int next = used.nextSetBit(first);
            if (next < 0 || next >= first + chunks) {
                return true;
            }
        }
        return false;
    }

    private static void set(BitSet used, long heap, RemoteBlock block, boolean value, String seed) {
        int first = (int) ((block.handle().address() - heap) / CHUNK);
        for (int i = first; i < first + block.length() / CHUNK; i++) {
            assertThat(used.get(i)).as("%s chunk %d", seed, i).isNotEqualTo(value);
            used.set(i, value);
        }
    }

    @Test
    void concurrentOwnersFillThePoolToItsLastChunk() throws Exception {
        for (int run = 0; run < 30; run++) {
            try (Pool pool = new Pool(transport, Pool.SECTION)) {
                assertThat(fill(pool, 4, CHUNK)).as("run %d", run).isEqualTo(CHUNKS_PER_SECTION);
            }
        }
    }

    @Test
    void concurrentOwnersFillThePoolToItsLastRunOfSections() throws Exception {
        for (int run = 0; run < 30; run++) {
            try (Pool pool = new Pool(transport, 24 * Pool.SECTION)) {
                assertThat(fill(pool, 4, 3 * Pool.SECTION)).as("run %d", run).isEqualTo(8);
            }
        }
    }

    @Test
    void oneOfThoseWhoWantTheSameEmptySectionsGetsThem() throws Exception {
        int owners = 4;
        try (Pool pool = new Pool(transport, 31 * Pool.SECTION)) {
            List<Callable<List<RemoteBlock>>> jobs = new ArrayList<>();
            CyclicBarrier start = new CyclicBarrier(owners);
            for (int i = 0; i < owners; i++) {
                FineMemAllocator memory = pool.owner();
                jobs.add(() -> {
                    start.await(10, TimeUnit.SECONDS);
                    try {
                        return List.of(memory.allocate(16 * Pool.SECTION));
                    } catch (OutOfRemoteMemory another) {
                        return List.of();
                    }
                });
            }
            ExecutorService threads = Executors.newFixedThreadPool(owners);
            try {
                for (int round = 0; round < 1000; round++) {
                    List<RemoteBlock> won = new ArrayList<>();
                    for (Future<List<RemoteBlock>> job : threads.invokeAll(jobs)) {
                        won.addAll(job.get());
                    }
                    assertThat(won).as("round %d", round).hasSize(1);
                    won.get(0).close();
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }

    private static int fill(Pool pool, int owners, long bytes) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(owners);
        try {
            List<Callable<Integer>> jobs = new ArrayList<>();
            for (int i = 0; i < owners; i++) {
                FineMemAllocator memory = pool.owner();
                jobs.add(() -> allocateAll(memory, bytes));
            }
            int sum = 0;
            for (Future<Integer> job : threads.invokeAll(jobs)) {
                sum += job.get();
            }
            return sum;
        } finally {
            threads.shutdownNow();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static int allocateAll(FineMemAllocator memory, long bytes) {
        for (int count = 0; ; count++) {
            try {
                memory.allocate(bytes);
            } catch (OutOfRemoteMemory full) {
                return count;
            }
        }
    }

    @Test
    void spansOpenedAfterManyWithUnfitHolesAreFilledToTheEnd() {
        int spans = 600;
        try (Pool pool = new Pool(transport, 64 * Pool.SECTION)) {
            FineMemAllocator memory = pool.owner();
            List<RemoteBlock> chunks = new ArrayList<>();
            for (int i = 0; i < spans * CHUNKS_PER_SPAN; i++) {
                chunks.add(memory.allocate(CHUNK));
            }
            for (int i = 0; i < chunks.size(); i += 2) {
                chunks.get(i).close();
            }
            int before = pool.node(0).audit().openSpans();
            for (int i = 0; i < 160; i++) {
                memory.allocate(2 * CHUNK);
            }
            assertThat(pool.node(0).audit().openSpans() - before)
                    .as("160 blocks of 2 chunks in new spans")
                    .isEqualTo(160 * 2 / CHUNKS_PER_SPAN);
        }
    }
}
