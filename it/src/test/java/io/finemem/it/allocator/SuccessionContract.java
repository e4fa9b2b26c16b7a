package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.resume.LostBlock;
import io.finemem.allocator.resume.NodeResumption;
import io.finemem.allocator.resume.ResumeOutcome;
import io.finemem.allocator.resume.Resumption;
import io.finemem.api.InvalidRequest;
import io.finemem.api.RemoteBlock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a successor of an owner finds, on a transport. */
abstract class SuccessionContract extends PoolContract {
    private static final int CHUNK = 4096;
    private static final Duration NEVER = Duration.ofSeconds(60);
    private static final AllocatorOptions ONE_WORKER =
            AllocatorOptions.defaults().withWorkers(1);

    private final RecordedOwner owner = new RecordedOwner();

    @AfterEach
    void forget() {
        owner.clear();
    }

    private List<RemoteBlock> hold(FineMemAllocator memory, int count) {
        List<RemoteBlock> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(owner.allocate(memory, CHUNK << i % 7));
        }
        return blocks;
    }

    private static List<ResumeOutcome> outcomes(FineMemAllocator memory) {
        return memory.resumed().nodes().stream().map(NodeResumption::outcome).toList();
    }

    @Test
    void successorsOfSuccessorsHaveAllBlocksWithTheirContentAndHandles() {
        pool(NEVER, 64 * Pool.SECTION);
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator memory = owner.open(transport, sessions, ONE_WORKER);
        assertThat(outcomes(memory)).containsExactly(ResumeOutcome.FRESH);
        hold(memory, 300);
        owner.allocate(memory, 3 * Pool.SECTION);
        for (int generation = 2; generation <= 4; generation++) {
            String where = "generation " + generation;
            FineMemAllocator dead = memory;
            sessions.forEach(FragileSession::kill);
            sessions = pool.sessions();
            memory = owner.open(transport, sessions, ONE_WORKER);

            assertThat(outcomes(memory)).containsExactly(ResumeOutcome.RESUMED);
            assertThat(memory.resumed().nodes().get(0).incarnation()).isEqualTo(generation);
            List<RemoteBlock> blocks = owner.assertAllHeld(memory, where);
            owner.assertContent(memory, blocks, where);
            owner.freeAll(memory, blocks.subList(0, 20));
            hold(memory, 30);
            dead.suspend();
        }
        long chunks = owner.chunks();
        await().until(() -> pool.auditedChunks() == chunks);
        memory.close();
        assertThat(pool.auditedChunks()).isZero();
        pool.awaitOwners(0);
    }

    @Test
    void ownerThatIsSuspendedLeavesItsBlocksToItsSuccessor() {
        pool(NEVER, 8 * Pool.SECTION, 8 * Pool.SECTION);
        FineMemAllocator memory = owner.open(transport, pool.sessions(), ONE_WORKER.withRunAhead(4));
        List<RemoteBlock> blocks = hold(memory, 40);
        owner.freeAll(memory, blocks.subList(10, 20));
        memory.suspend();
        memory.close();

        try (FineMemAllocator successor = owner.open(transport, pool.sessions(), ONE_WORKER)) {
            assertThat(outcomes(successor)).containsExactly(ResumeOutcome.RESUMED, ResumeOutcome.RESUMED);
            owner.assertContent(successor, owner.assertAllHeld(successor, "suspended"), "suspended");
            await().until(() -> pool.auditedChunks() == owner.chunks());
        }
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void promisesOfThePredecessorAreWithdrawnBeforeTheirBlocksAreFreed() {
        pool(NEVER, Pool.SECTION);
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator memory = owner.open(transport, sessions, ONE_WORKER);
        hold(memory, 10);
        sessions.get(0).askToSettle();
        await().until(sessions.get(0)::answered);
        sessions.forEach(FragileSession::kill);

        try (FineMemAllocator successor = owner.open(transport, pool.sessions(), ONE_WORKER)) {
            List<RemoteBlock> blocks = owner.assertAllHeld(successor, "confirmed");
            owner.freeAll(successor, blocks.subList(0, 4));
            blocks.subList(4, 10).forEach(block -> owner.free(successor, block));
            assertThat(pool.auditedChunks()).isZero();
            List<FragileSession> others = pool.sessions();
            pool.owner(ONE_WORKER, others).allocateAll(CHUNK, (int) Pool.SECTION / CHUNK);
            others.forEach(FragileSession::kill);
            pool.awaitOwners(1); // a promise that is left would hide what the other one held
            assertThat(pool.auditedChunks()).isZero();
            successor.allocate(CHUNK).close();
        }
        memory.suspend();
    }

    @Test
    void wrongTokenIsRefusedAndTheOldBlocksAreReclaimedWhenTheLeaseEnds() {
        pool(Duration.ofSeconds(2), 8 * Pool.SECTION);
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator memory = owner.open(transport, sessions, ONE_WORKER);
        hold(memory, 10);
        sessions.forEach(FragileSession::kill);
        owner.forgeTokens();

        FineMemAllocator successor = owner.open(transport, pool.sessions(), ONE_WORKER);

        assertThat(outcomes(successor)).containsExactly(ResumeOutcome.REFUSED);
        assertAllLost(successor, LostBlock.Reason.OWNER_LOST);
        pool.awaitOwners(1);
        assertThat(pool.auditedChunks()).isZero();
        successor.allocate(CHUNK).close();
        successor.close();
        memory.suspend();
    }

    @Test
    void successorThatComesTooLateIsANewOwner() {
        pool(Duration.ofMillis(500), 8 * Pool.SECTION);
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator memory = owner.open(transport, sessions, ONE_WORKER);
        hold(memory, 10);
        sessions.forEach(FragileSession::kill);
        pool.awaitOwners(0);

        FineMemAllocator successor = owner.open(transport, pool.sessions(), ONE_WORKER);

        assertThat(outcomes(successor)).containsExactly(ResumeOutcome.TOO_LATE);
        assertAllLost(successor, LostBlock.Reason.OWNER_LOST);
        successor.close();
        memory.suspend();
    }

    @Test
    void ownerThatWasFencedWhileItsProcessLivedIsNotResumed() {
        pool(Duration.ofSeconds(2), 8 * Pool.SECTION);
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator memory = owner.open(transport, sessions, ONE_WORKER);
        hold(memory, 10);
        sessions.forEach(FragileSession::mute);
        pool.awaitOwners(0);

        FineMemAllocator successor = owner.open(transport, pool.sessions(), ONE_WORKER);

        assertThat(outcomes(successor)).containsExactly(ResumeOutcome.TOO_LATE);
        assertThat(pool.auditedChunks()).isZero();
        successor.close();
        memory.suspend();
    }

    @Test
    void memoryNodeThatWasRestartedHasANewOwnerAndTheOthersGoOn() {
        pool(NEVER, 8 * Pool.SECTION, 8 * Pool.SECTION);
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator memory = owner.open(transport, sessions, ONE_WORKER);
        hold(memory, 10);
        sessions.forEach(FragileSession::kill);
        memory.suspend();
        pool.restart(1);

        FineMemAllocator successor = owner.open(transport, pool.sessions(), ONE_WORKER);

        assertThat(outcomes(successor)).containsExactly(ResumeOutcome.RESUMED, ResumeOutcome.NODE_RESTARTED);
        assertThat(successor.resumed().blocks()).hasSize(5);
        assertThat(successor.resumed().lost())
                .hasSize(5)
                .extracting(LostBlock::reason)
                .containsOnly(LostBlock.Reason.OWNER_LOST);
        successor.close();
    }

    @Test
    void blocksOfANodeThatIsNotThereAreToldApart() {
        pool(NEVER, 8 * Pool.SECTION, 8 * Pool.SECTION);
        FineMemAllocator memory = owner.open(transport, pool.sessions(), ONE_WORKER);
        hold(memory, 10);
        memory.suspend();
        Resumption left = owner.resumption();

        FineMemAllocator first = FineMemAllocator.openResumable(
                transport, List.of(pool.node(0).newSession("first")), ONE_WORKER, left, owner::store);
        assertThat(first.resumed().blocks()).hasSize(5);
        assertThat(first.resumed().lost())
                .hasSize(5)
                .extracting(LostBlock::reason)
                .containsOnly(LostBlock.Reason.NODE_ABSENT);

        FineMemAllocator second = FineMemAllocator.openResumable(
                transport, List.of(pool.node(1).newSession("second")), ONE_WORKER, left, owner::store);
        assertThat(second.resumed().blocks()).hasSize(5);
        first.close();
        second.close();
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void recordsThatCannotAllBeTrueAreRefusedBeforeAnythingIsDone() {
        pool(NEVER, 8 * Pool.SECTION);
        FineMemAllocator memory = owner.open(transport, pool.sessions(), ONE_WORKER);
        hold(memory, 10);
        memory.suspend();
        Resumption left = owner.resumption();
        Resumption corrupted = new Resumption(left.tickets(), RecordedOwner.twice(left.held()));

        assertThatThrownBy(() -> FineMemAllocator.openResumable(
                        transport, List.copyOf(pool.sessions()), ONE_WORKER, corrupted, owner::store))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("same slot or units");
        assertThatThrownBy(() -> FineMemAllocator.openResumable(
                        transport,
                        List.copyOf(pool.sessions()),
                        ONE_WORKER,
                        new Resumption(RecordedOwner.twice(left.tickets()), left.held()),
                        owner::store))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("two resume tickets");

        try (FineMemAllocator successor = owner.open(transport, pool.sessions(), ONE_WORKER)) {
            assertThat(successor.resumed().nodes().get(0).incarnation()).isEqualTo(2);
            owner.assertAllHeld(successor, "after records were refused");
        }
    }

    @Test
    void recordOfABlockThatWasFreedIsToldAndTheOthersAreKept() {
        pool(NEVER, 8 * Pool.SECTION);
        FineMemAllocator memory = owner.open(transport, pool.sessions(), ONE_WORKER);
        List<RemoteBlock> blocks = hold(memory, 10);
        Resumption before = owner.resumption();
        owner.free(memory, blocks.get(3));
        pool.awaitRevocations();
        memory.suspend();

        FineMemAllocator successor = FineMemAllocator.openResumable(
                transport, List.copyOf(pool.sessions()), ONE_WORKER, before, owner::store);

        assertThat(successor.resumed().blocks()).hasSize(9);
        assertThat(successor.resumed().lost())
                .singleElement()
                .extracting(LostBlock::reason)
                .isEqualTo(LostBlock.Reason.NOT_HELD);
        successor.close();
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void successorIsStartedAgainWhereverItDied() {
        pool(NEVER, 8 * Pool.SECTION);
        FineMemAllocator memory = owner.open(transport, pool.sessions(), ONE_WORKER.withRunAhead(3));
        owner.freeAll(memory, hold(memory, 40).subList(5, 15));
        hold(memory, 20);
        memory.suspend();
        for (int last = 0; ; last++) {
            MortalTransport mortal = new MortalTransport(transport);
            List<FragileSession> sessions = pool.sessions();
            mortal.dieAt(last, last % 2 == 0 ? 1 : Integer.MAX_VALUE);
            try {
                FineMemAllocator dying = owner.open(mortal.transport(), sessions, ONE_WORKER);
                mortal.die();
                sessions.forEach(FragileSession::kill);
                dying.suspend();
                assertThat(last).as("chains of an opening").isGreaterThan(3);
                break;
            } catch (MortalTransport.Died expected) {
                sessions.forEach(FragileSession::kill);
            }
        }
        try (FineMemAllocator successor = owner.open(transport, pool.sessions(), ONE_WORKER)) {
            owner.assertContent(successor, owner.assertAllHeld(successor, "at last"), "at last");
            await().until(() -> pool.auditedChunks() == owner.chunks());
        }
        assertThat(pool.auditedChunks()).isZero();
    }

    private void assertAllLost(FineMemAllocator successor, LostBlock.Reason reason) {
        assertThat(successor.resumed().blocks()).isEmpty();
        assertThat(successor.resumed().lost())
                .hasSize(owner.resumption().held().size())
                .extracting(LostBlock::reason)
                .containsOnly(reason);
    }
}
