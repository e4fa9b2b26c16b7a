package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.api.FineMemException;
import io.finemem.api.OwnerFenced;
import io.finemem.api.RemoteBlock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What happens to the memory of owners that die, are taken for dead, or lose a connection; on a transport. */
abstract class RecoveryContract extends PoolContract {
    private static final int CHUNK = 4096;
    /** No machine is so busy that a living owner's heartbeats stay away for so long. */
    private static final Duration NEVER = Duration.ofSeconds(60);

    private static final AllocatorOptions ONE_WORKER =
            AllocatorOptions.defaults().withWorkers(1);

    /** How many owners the kill loop kills. */
    abstract int kills();

    /** How often connections are broken; each time costs the transport's retry time. */
    abstract int breaks();

    @Test
    void memoryOfADeadOwnerIsReclaimedAndThatOfOthersIsNot() {
        pool(NEVER, 8 * Pool.SECTION); // it dies by the end of its session
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator dying = pool.owner(ONE_WORKER, sessions);
        FineMemAllocator survivor = pool.owner();
        List<RemoteBlock> survivors = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            dying.allocate(CHUNK << i % 5);
            RemoteBlock block = survivor.allocate(CHUNK << i % 5);
            block.fetchAdd(0, block.handle().address() - block.fetchAdd(0, 0));
            survivors.add(block);
        }
        dying.allocate(512 * CHUNK);
        dying.allocate(2 * 512 * CHUNK);
        long held = survivors.stream().mapToLong(RemoteBlock::length).sum();

        sessions.forEach(FragileSession::kill);
        pool.awaitOwners(1);

        assertThat(pool.auditedChunks()).isEqualTo(held / CHUNK);
        for (RemoteBlock block : survivors) {
            assertThat(block.fetchAdd(0, 0)).isEqualTo(block.handle().address());
            block.close();
        }
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void ownerWhoseHeartbeatsGetLostIsFencedLearnsItAndCanRejoin() {
        pool(Duration.ofSeconds(2), 4 * Pool.SECTION); // long for a heartbeat on a busy machine
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator suspected = pool.owner(ONE_WORKER, sessions);
        RemoteBlock block = suspected.allocate(CHUNK);

        sessions.forEach(FragileSession::mute);
        pool.awaitOwners(0);

        assertThat(pool.auditedChunks()).isZero();
        assertThatThrownBy(() -> suspected.allocate(CHUNK)).isInstanceOf(OwnerFenced.class);
        assertThatThrownBy(() -> suspected.allocate(CHUNK)).isInstanceOf(OwnerFenced.class);
        assertThatThrownBy(block::close).isInstanceOf(OwnerFenced.class);
        assertThat(pool.owner().allocate(CHUNK).fetchAdd(0, 0)).isZero();
    }

    @Test
    void brokenConnectionsAreReplacedAndNothingIsLostOrGivenTwice() {
        pool(NEVER, 64 * Pool.SECTION);
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator memory = pool.owner(ONE_WORKER, sessions);
        FineMemAllocator other = pool.owner();
        List<RemoteBlock> live = new ArrayList<>();
        for (int round = 0; round < breaks(); round++) {
            sessions.forEach(FragileSession::breakConnections);
            live.add(memory.allocate(CHUNK << round % 11));
            other.allocate(CHUNK).close();
            if (round % 3 == 2) {
                sessions.forEach(FragileSession::breakConnections);
                live.remove(0).close();
            }
        }
        long bytes = live.stream().mapToLong(RemoteBlock::length).sum();

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(pool.auditedChunks()).isEqualTo(bytes / CHUNK));
        live.forEach(RemoteBlock::close);
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void settleRequestThatComesWhileTheOwnerIsBeingClosedIsAnswered() {
        pool(NEVER, 4 * Pool.SECTION, 4 * Pool.SECTION);
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator closing = pool.owner(ONE_WORKER, sessions);
        for (int i = 0; i < 10; i++) {
            closing.allocate(CHUNK);
        }
        FragileSession second = sessions.get(1);
        sessions.get(0).beforeLeave(() -> {
            second.askToSettle();
            await().atMost(Duration.ofSeconds(20)).until(second::asked);
        });
        second.beforeLeave(() -> await().atMost(Duration.ofSeconds(20)).until(second::answered));

        closing.close();

        assertThat(second.answered()).isTrue();
        pool.awaitOwners(0);
    }

    @Test
    void ownersThatDieOneAfterAnotherUnderLoadLeaveNothingBehind() throws InterruptedException {
        long seed = System.nanoTime();
        pool(NEVER, 64 * Pool.SECTION, 64 * Pool.SECTION);
        AtomicBoolean stop = new AtomicBoolean();
        List<Throwable> wrong = new ArrayList<>();
        FineMemAllocator survivor = pool.owner();
        Thread load = new Thread(() -> churnUntil(stop, survivor, new Random(seed), wrong), "survivor");
        load.start();

        for (int kill = 0; kill < kills(); kill++) {
            killUnderLoad(new Random(seed + kill));
        }
        stop.set(true);
        load.join();
        pool.awaitOwners(1);

        assertThat(wrong).as("seed %d", seed).isEmpty();
        assertThat(pool.auditedChunks())
                .as("seed %d", seed)
                .isEqualTo(survivor.statistics().liveBytes() / CHUNK);
        survivor.close();
        assertThat(pool.auditedChunks()).as("seed %d", seed).isZero();
    }

    private void killUnderLoad(Random random) throws InterruptedException {
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator victim = pool.owner(ONE_WORKER, sessions);
        int operations = random.nextInt(200);
        Thread load = new Thread(() -> churn(victim, random, new ArrayList<>()), "victim");
        load.start();
        while (victim.statistics().allocations() < operations && load.isAlive()) {
            Thread.onSpinWait();
        }
        sessions.forEach(FragileSession::kill);
        load.join();
    }

    /** Works until its owner is dead. */
    private static void churn(FineMemAllocator memory, Random random, List<RemoteBlock> live) {
        try {
            while (true) {
                step(memory, random, live);
            }
        } catch (FineMemException dead) {
            assertThat(dead.code().category()).isNotNull();
        }
    }

    private static void churnUntil(AtomicBoolean stop, FineMemAllocator memory, Random random, List<Throwable> wrong) {
        List<RemoteBlock> live = new ArrayList<>();
        try {
            while (!stop.get()) {
                step(memory, random, live);
            }
        } catch (RuntimeException | AssertionError e) {
            wrong.add(e);
        }
    }

    private static void step(FineMemAllocator memory, Random random, List<RemoteBlock> live) {
        if (live.size() < 10 || random.nextBoolean() && live.size() < 60) {
            RemoteBlock block = memory.allocate(1L << 12 + random.nextInt(random.nextInt(20) == 0 ? 11 : 5));
            long before = block.fetchAdd(0, 0);
            assertThat(block.compareAndSwap(0, before, block.handle().address()))
                    .isEqualTo(before);
            live.add(block);
        } else {
            RemoteBlock block = live.remove(random.nextInt(live.size()));
            assertThat(block.fetchAdd(0, 0)).isEqualTo(block.handle().address());
            block.close();
        }
    }
}
