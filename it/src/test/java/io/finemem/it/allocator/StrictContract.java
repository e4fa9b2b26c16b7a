package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.api.BlockHandle;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.RemoteBlock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What strict isolation promises beyond the allocator's contract: a freed block is allocatable only after its key is dead. */
abstract class StrictContract extends PoolContract {
    private static final int NONE = -1;
    private static final int CHUNK = 4096;
    private static final int WINDOWS_PER_SECTION = 1023;
    private static final AllocatorOptions ONE_WORKER =
            AllocatorOptions.defaults().withWorkers(1);

    /** How often one block is freed when its window's rkeys are to be used up. */
    abstract int rebinds();

    /** How many owners are killed with frees under way, and how much two owners churn. */
    abstract int rounds();

    @Override
    final Isolation isolation() {
        return Isolation.STRICT;
    }

    private KeyProbe probe() {
        return new KeyProbe(transport, pool.node(0));
    }

    @Test
    void staleKeyIsRefusedAndTheNextHolderGetsAnother() {
        FineMemAllocator memory = pool(Pool.SECTION).owner();
        try (KeyProbe probe = probe()) {
            for (long bytes : new long[] {CHUNK, 4 * CHUNK, 16 * CHUNK, 64 * CHUNK, 512 * CHUNK}) {
                RemoteBlock block = memory.allocate(bytes);
                BlockHandle old = block.handle();
                assertThat(probe.opens(old.address(), old.rkey())).isTrue();

                block.close();
                pool.awaitRevocations();

                assertThat(probe.opens(old.address(), old.rkey())).isFalse();
                RemoteBlock next = memory.allocate(bytes);
                assertThat(next.handle().rkey()).isNotEqualTo(old.rkey());
                assertThat(probe.opens(next.handle().address(), next.handle().rkey()))
                        .isTrue();
                next.close();
                pool.awaitRevocations();
                memory.allocate(CHUNK).close(); // learns what was revoked, so that the span is closed for the next size
            }
        }
    }

    @Test
    void keyOpensItsOwnBlockOnlyAndTheMetadataKeyOpensNoBlock() {
        pool(4 * Pool.SECTION);
        FineMemAllocator memory = pool.owner();
        RemoteBlock block = memory.allocate(CHUNK);
        RemoteBlock neighbour = memory.allocate(CHUNK);
        BlockHandle handle = block.handle();
        try (KeyProbe probe = probe()) {
            assertThat(probe.opens(handle.address(), pool.node(0).describe().metadataRkey()))
                    .isFalse();
            assertThat(probe.opens(neighbour.handle().address(), handle.rkey()))
                    .as("where the device enforces the bounds of windows")
                    .isEqualTo(!transport.capabilities().windowBoundsEnforced());
        }
    }

    @Test
    void blockOfSeveralSectionsHasAKeyPerSectionAndAllDie() {
        FineMemAllocator memory = pool(5 * Pool.SECTION).owner();
        RemoteBlock block = memory.allocate(5 * 512 * CHUNK);
        byte[] pattern = new byte[200_000];
        new Random(7).nextBytes(pattern);
        long offset = Pool.SECTION - 77_777;

        block.write(offset, ByteBuffer.wrap(pattern));
        ByteBuffer read = ByteBuffer.allocate(pattern.length);
        block.read(offset, read);

        assertThat(read.array()).isEqualTo(pattern);
        assertThat(block.fetchAdd(4 * Pool.SECTION, 3)).isZero();
        block.close();
        assertThat(pool.auditedChunks()).isZero();
        assertThat(memory.allocate(5 * 512 * CHUNK).fetchAdd(4 * Pool.SECTION, 0))
                .isEqualTo(3);
    }

    @Test
    void freedBlocksOfAFullPoolAreReusedAndNoOldKeyIsAlive() {
        FineMemAllocator memory = pool(Pool.SECTION).owner();
        List<RemoteBlock> blocks = new ArrayList<>();
        for (int i = 0; i < 512; i++) {
            blocks.add(memory.allocate(CHUNK));
        }
        try (KeyProbe probe = probe()) {
            for (int i = 0; i < 5 * rounds(); i++) {
                RemoteBlock freed = blocks.remove(i * 97 % 512);
                freed.close();
                RemoteBlock next = memory.allocate(CHUNK);
                blocks.add(next);

                BlockHandle old = freed.handle();
                assertThat(next.handle().address()).isEqualTo(old.address());
                assertThat(probe.opens(old.address(), old.rkey())).isFalse();
                assertThat(probe.opens(old.address(), next.handle().rkey())).isTrue();
            }
        }
        assertThat(pool.auditedChunks()).isEqualTo(512);
    }

    @Test
    void windowIsExchangedBeforeItsOldKeysComeBack() {
        FineMemAllocator memory = pool(Pool.SECTION).owner();
        int period = transport.capabilities().windowKeyPeriod();
        Set<Integer> keys = new HashSet<>();
        for (int i = 0; i < rebinds(); i++) {
            RemoteBlock block = memory.allocate(512 * CHUNK);
            assertThat(keys.add(block.handle().rkey())).as("allocation %d", i).isTrue();
            block.close();
        }
        RemoteBlock live = memory.allocate(512 * CHUNK);

        assertThat(pool.node(0).revocations().exchangedWindows()).isEqualTo(period == 0 ? 0 : rebinds() / (period - 1));
        try (KeyProbe probe = probe()) {
            keys.forEach(
                    key -> assertThat(probe.opens(live.handle().address(), key)).isFalse());
            assertThat(probe.opens(live.handle().address(), live.handle().rkey()))
                    .isTrue();
        }
    }

    @Test
    void allocationCostsWhatItCostsInDirectIsolationAndAFreeIsOneWrite() {
        FineMemAllocator memory = pool(2 * Pool.SECTION).owner();
        List<RemoteBlock> blocks = new ArrayList<>(List.of(memory.allocate(CHUNK)));
        OperationCosts before = memory.allocationCosts();
        for (int i = 0; i < 31; i++) {
            blocks.add(memory.allocate(CHUNK));
        }
        OperationCosts after = memory.allocationCosts();
        blocks.forEach(RemoteBlock::close);

        assertThat(after.roundTrips() - before.roundTrips()).isEqualTo(31);
        assertThat(after.doorbells() - before.doorbells()).isEqualTo(31);
        assertThat(after.verbs() - before.verbs()).isEqualTo(3 * 31);
        assertThat(memory.freeCosts())
                .as("WRITE of the ring entry, not waited for")
                .isEqualTo(new OperationCosts(32, 32, 0, 32));
    }

    @Test
    void roomIsNotDeniedWhileBlocksOfAnotherOwnerAreBeingRevoked() {
        pool(Pool.SECTION);
        List<FineMemAllocator> owners = List.of(pool.owner(), pool.owner());
        List<RemoteBlock> blocks = new ArrayList<>();
        for (int i = 0; i < rounds(); i++) {
            blocks.forEach(RemoteBlock::close);
            blocks.clear();
            FineMemAllocator memory = owners.get(i % 2);
            for (int left = i % 3 == 0 ? 1 : 512; left > 0; left--) {
                blocks.add(memory.allocate(i % 3 == 0 ? 512 * CHUNK : CHUNK));
            }
        }
        assertThat(pool.auditedChunks()).isEqualTo(512);
    }

    @Test
    void blocksOfAllSizesComeZeroedWhenThatIsConfigured() {
        FineMemAllocator memory = zeroingPool().owner();
        List<RemoteBlock> blocks = new ArrayList<>(); // all at once, so that none is zeroed by another one's free
        for (long bytes = CHUNK; bytes <= 512 * CHUNK; bytes *= 2) {
            blocks.add(memory.allocate(bytes));
            fill(blocks.get(blocks.size() - 1));
        }
        memory.freeAll(blocks);

        RemoteBlock all = memory.allocate(4 * 512 * CHUNK);
        assertThat(firstNotZero(all))
                .as("after blocks of all sizes of a section")
                .isEqualTo(NONE);
        fill(all);
        all.close();
        assertThat(firstNotZero(memory.allocate(4 * 512 * CHUNK)))
                .as("after the whole pool")
                .isEqualTo(NONE);
    }

    @Test
    void whatACrashedOwnerHeldComesZeroedWhenThatIsConfigured() {
        zeroingPool();
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator victim = pool.owner(ONE_WORKER, sessions);
        for (long bytes = CHUNK; bytes <= 512 * CHUNK; bytes *= 2) {
            fill(victim.allocate(bytes));
        }
        sessions.forEach(FragileSession::kill);
        pool.awaitOwners(0);

        assertThat(firstNotZero(pool.owner().allocate(4 * 512 * CHUNK))).isEqualTo(NONE);
    }

    private Pool zeroingPool() {
        pool = new Pool(
                transport, options -> options.withIsolation(Isolation.STRICT).withZeroOnFree(true), 4 * Pool.SECTION);
        return pool;
    }

    private static void fill(RemoteBlock block) {
        byte[] secret = new byte[(int) block.length()];
        Arrays.fill(secret, (byte) 0x5a);
        block.write(0, ByteBuffer.wrap(secret));
    }

    private static int firstNotZero(RemoteBlock block) {
        ByteBuffer read = ByteBuffer.allocate((int) block.length());
        block.read(0, read);
        return Arrays.mismatch(read.array(), new byte[read.capacity()]);
    }

    @Test
    void poolThatNeedsMoreWindowsThanThereAreIsRefusedWithTheNumbers() {
        long most = transport.capabilities().maxWindows() / WINDOWS_PER_SECTION;
        long sections = Math.min(most + 1, 1L << 14);
        MemoryNodeOptions options =
                MemoryNodeOptions.of("large", sections * Pool.SECTION).withIsolation(Isolation.STRICT);
        if (sections > most) {
            assertThatThrownBy(() -> MemoryNode.open(transport, options))
                    .isInstanceOf(InvalidConfiguration.class)
                    .hasMessageContaining("needs " + sections * WINDOWS_PER_SECTION + " memory windows")
                    .hasMessageContaining("at most " + most * Pool.SECTION + " bytes");
        }
        assertThatThrownBy(() -> MemoryNodeOptions.of("huge", 1L << 40).withIsolation(Isolation.STRICT))
                .isInstanceOf(InvalidConfiguration.class);
    }

    @Test
    void ownersKilledWithFreesUnderWayLoseAndDoubleNothing() {
        pool(Duration.ofSeconds(1), 8 * Pool.SECTION);
        FineMemAllocator survivor = pool.owner();
        List<RemoteBlock> survivors = new ArrayList<>();
        Random random = new Random(11);
        for (int round = 0; round < rounds(); round++) {
            List<FragileSession> sessions = pool.sessions();
            FineMemAllocator victim = pool.owner(ONE_WORKER, sessions);
            List<RemoteBlock> held = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                held.add(victim.allocate((long) CHUNK << random.nextInt(i % 10 == 0 ? 8 : 5)));
                survivors.add(marked(survivor.allocate((long) CHUNK << random.nextInt(4))));
            }
            held.subList(0, random.nextInt(60)).forEach(RemoteBlock::close);
            sessions.forEach(FragileSession::kill);
            while (survivors.size() > 200) {
                freeMarked(survivors.remove(random.nextInt(survivors.size())));
            }
            pool.awaitOwners(1);
            BlockHandle dead = held.get(random.nextInt(60)).handle();
            try (KeyProbe probe = probe()) {
                assertThat(probe.opens(dead.address(), dead.rkey())).isFalse();
            }
        }
        long bytes = survivors.stream().mapToLong(RemoteBlock::length).sum();
        assertThat(pool.auditedChunks()).isEqualTo(bytes / CHUNK);
        survivors.forEach(StrictContract::freeMarked);
        assertThat(pool.auditedChunks()).isZero();
    }

    private static RemoteBlock marked(RemoteBlock block) {
        long before = block.fetchAdd(0, 0);
        assertThat(block.compareAndSwap(0, before, block.handle().address())).isEqualTo(before);
        return block;
    }

    private static void freeMarked(RemoteBlock block) {
        assertThat(block.fetchAdd(0, 0)).isEqualTo(block.handle().address());
        block.close();
    }

    @Test
    void twoOwnersThatChurnNeverShareABlockOrAKey() throws Exception {
        long seed = System.nanoTime();
        pool(16 * Pool.SECTION);
        List<FineMemAllocator> owners =
                List.of(pool.owner(AllocatorOptions.defaults().withWorkers(2)), pool.owner(ONE_WORKER));
        ExecutorService threads = Executors.newFixedThreadPool(3);
        List<BlockHandle> dead = new ArrayList<>();
        List<RemoteBlock> live = new ArrayList<>();
        try {
            List<Callable<Churn>> jobs = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Churn churn = new Churn(owners.get(i % 2), new Random(seed + i));
                jobs.add(() -> churn.run(100 * rounds()));
            }
            for (Future<Churn> job : threads.invokeAll(jobs)) {
                dead.addAll(job.get().freed);
                live.addAll(job.get().live);
            }
        } finally {
            threads.shutdownNow();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
        long bytes = live.stream().mapToLong(RemoteBlock::length).sum();
        assertThat(pool.auditedChunks()).as("seed %d", seed).isEqualTo(bytes / CHUNK);
        try (KeyProbe probe = probe()) {
            for (int i = 0; i < dead.size(); i += 1 + dead.size() / 200) {
                BlockHandle handle = dead.get(i);
                assertThat(probe.opens(handle.address(), handle.rkey()))
                        .as("seed %d, %s", seed, handle)
                        .isFalse();
            }
            live.forEach(block -> assertThat(
                            probe.opens(block.handle().address(), block.handle().rkey()))
                    .isTrue());
        }
        live.forEach(StrictContract::freeMarked);
        assertThat(pool.auditedChunks()).as("seed %d", seed).isZero();
    }

    /** One thread's work. */
    private static final class Churn {
        private final FineMemAllocator memory;
        private final Random random;
        private final List<RemoteBlock> live = new ArrayList<>();
        private final List<BlockHandle> freed = new ArrayList<>();

        private Churn(FineMemAllocator memory, Random random) {
            this.memory = memory;
            this.random = random;
        }

        private Churn run(int steps) {
            for (int i = 0; i < steps; i++) {
                if (live.size() < 10 || random.nextBoolean() && live.size() < 60) {
                    live.add(marked(memory.allocate(1L << 12 + random.nextInt(random.nextInt(20) == 0 ? 7 : 5))));
                } else {
                    RemoteBlock block = live.remove(random.nextInt(live.size()));
                    freed.add(block.handle());
                    freeMarked(block);
                }
            }
            return this;
        }
    }
}
