package io.finemem.runtime.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.RemoteMemory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceReplayTest {
    private static final ReplayBounds BLOCKS_OF_64_KIB = ReplayBounds.none(64 * 1024);
    private static final TraceEvent.Kind A = TraceEvent.Kind.ALLOCATE;
    private static final TraceEvent.Kind F = TraceEvent.Kind.FREE;

    @ParameterizedTest
    @ValueSource(strings = {"javac", "redis"})
    void aRecordedTraceIsReplayedWholeAndLeavesNothing(String name) {
        AllocationTrace trace = RecordedTraces.load(name);
        FakeMemory memory = new FakeMemory(96 << 20);
        TraceReplay replay = new TraceReplay(memory, ReplayOptions.of(1), done -> {});
        run(replay, trace);
        ReplayTally tally = replay.tally();
        assertThat(tally.firstFailures()).isEmpty();
        assertThat(tally.failures()).isZero();
        assertThat(tally.operations()).isEqualTo(plan(trace).operations());
        assertThat(tally.replayedEvents()).isEqualTo(trace.events().size()).isEqualTo(tally.recordedEvents());
        assertThat(tally.checkedBytes()).isGreaterThan(trace.peakBytes());
        assertThat(memory.allocations).isEqualTo(memory.frees).isEqualTo(tally.operations() / 2);
        assertThat(memory.liveBlocks()).isZero();
    }

    @Test
    void latenciesCanBeForgottenAndOperationsAreCountedOn() {
        TraceReplay replay = new TraceReplay(new FakeMemory(1 << 20), ReplayOptions.of(1), done -> {});
        AllocationTrace trace = trace(new TraceEvent(0, A, 1, 4096), new TraceEvent(1, F, 1, 4096));
        run(replay, trace);
        replay.forgetLatencies();
        run(replay, trace);
        assertThat(replay.tally().allocateNanos().getTotalCount()).isOne();
        assertThat(replay.tally().freeNanos().getTotalCount()).isOne();
        assertThat(replay.tally().allocations()).isEqualTo(2);
        assertThat(replay.tally().frees()).isEqualTo(2);
    }

    @Test
    void anObjectLongerThanABlockIsSplit() {
        FakeMemory memory = new FakeMemory(1 << 20);
        AllocationTrace trace = trace(new TraceEvent(0, A, 1, 200 * 1024), new TraceEvent(1, F, 1, 200 * 1024));
        TraceReplay replay = new TraceReplay(memory, ReplayOptions.of(1), done -> {});
        run(replay, trace);
        assertThat(memory.allocations).isEqualTo(4);
        assertThat(replay.tally().checkedBytes()).isEqualTo(3 * 64 * 1024 + 8 * 1024);
    }

    @Test
    void aByteThatChangedIsFoundWithItsOffset() {
        FakeMemory memory = new FakeMemory(1 << 20);
        TraceReplay replay = new TraceReplay(memory, ReplayOptions.of(1), done -> memory.pool()[4711] ^= 0x10);
        run(replay, trace(new TraceEvent(0, A, 1, 8192)));
        assertThat(replay.tally().failures()).isEqualTo(1);
        assertThat(replay.tally().checkedBytes()).isZero();
        assertThat(replay.tally().firstFailures().get(0)).contains("was overwritten: at offset 4711 there is");
        assertThat(memory.liveBlocks()).isZero();
    }

    @Test
    void aBlockGivenToTwoOwnersIsFoundAndTheOtherOneNamed() {
        byte[] pool = new byte[1 << 20];
        AllocationTrace trace = trace(new TraceEvent(0, A, 1, 8192));
        TraceReplay other = new TraceReplay(new FakeMemory(pool), ReplayOptions.of(2), done -> {});
        boolean[] once = new boolean[1];
        TraceReplay replay = new TraceReplay(new FakeMemory(pool), ReplayOptions.of(1), done -> {
            if (!once[0]) {
                once[0] = true;
                run(other, trace);
            }
        });
        run(replay, trace);
        assertThat(other.tally().failures()).isZero();
        assertThat(replay.tally().firstFailures())
                .singleElement()
                .asString()
                .contains("block 0 of owner 1", "at offset 0 ", "the pattern of owner 2, block 0, offset 0 ");
    }

    @Test
    void aFullPoolIsCountedAndTheRestIsReplayed() {
        FakeMemory memory = new FakeMemory(64 * 1024);
        TraceReplay replay = new TraceReplay(memory, ReplayOptions.of(1), done -> {});
        run(
                replay,
                trace(
                        new TraceEvent(0, A, 1, 64 * 1024),
                        new TraceEvent(0, A, 2, 4096),
                        new TraceEvent(0, F, 1, 64 * 1024),
                        new TraceEvent(0, A, 3, 4096),
                        new TraceEvent(0, F, 2, 4096)));
        assertThat(replay.tally().failures()).isEqualTo(1);
        assertThat(replay.tally().firstFailures().get(0)).contains("pool is full");
        assertThat(replay.tally().operations()).isEqualTo(4);
        assertThat(memory.liveBlocks()).isZero();
    }

    @Test
    void aLostMemoryNodeEndsTheReplayWithOneFailure() {
        FakeMemory memory = new FakeMemory(1 << 20);
        RemoteMemory losing = (RemoteMemory) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {RemoteMemory.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("allocate") && memory.allocations == 3) {
                        throw new MemoryNodeLost("gone");
                    }
                    try {
                        return method.invoke(memory, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        TraceReplay replay = new TraceReplay(losing, ReplayOptions.of(1), done -> {});
        run(replay, trace(new TraceEvent(0, A, 1, 1 << 20), new TraceEvent(0, A, 2, 4096)));
        assertThat(replay.tally().failures()).isEqualTo(1);
        assertThat(replay.tally().operations()).isEqualTo(3);
        assertThat(memory.frees).isZero();
    }

    @Test
    void aBoundedPartStaysWithinItsBoundAndEverythingIsFreed() {
        AllocationTrace trace = RecordedTraces.load("redis");
        for (long bound : new long[] {2, 3, 100, 1001}) {
            FakeMemory memory = new FakeMemory(96 << 20);
            TraceReplay replay = new TraceReplay(memory, ReplayOptions.of(1), done -> {});
            ReplayPlan plan = ReplayPlan.of(trace, BLOCKS_OF_64_KIB.withMaxOperations(bound));
            replay.replay(plan);
            replay.freeAll();
            assertThat(replay.tally().operations())
                    .isEqualTo(plan.operations())
                    .isLessThanOrEqualTo(bound)
                    .isGreaterThan(bound / 2);
            assertThat(replay.tally().replayedEvents())
                    .isPositive()
                    .isEqualTo(plan.events())
                    .isLessThan(trace.events().size());
            assertThat(memory.liveBlocks()).isZero();
            assertThat(replay.tally().failures()).isZero();
        }
    }

    @Test
    void longerObjectsCanBeLeftOut() {
        AllocationTrace trace = trace(
                new TraceEvent(0, A, 1, 8192),
                new TraceEvent(1, A, 2, 4096),
                new TraceEvent(2, F, 1, 8192),
                new TraceEvent(3, F, 2, 4096));
        assertThat(ReplayPlan.of(trace, BLOCKS_OF_64_KIB.withMaxObjectBytes(4096))
                        .trace())
                .isEqualTo(trace(new TraceEvent(1, A, 1, 4096), new TraceEvent(3, F, 1, 4096)));
        assertThat(ReplayPlan.of(trace, BLOCKS_OF_64_KIB.withMaxObjectBytes(8192))
                        .trace())
                .isSameAs(trace);
    }

    @Test
    void thePlannedPeakIsWhatIsHeldAtMost() {
        AllocationTrace trace = trace(
                new TraceEvent(0, A, 1, 200 * 1024),
                new TraceEvent(0, F, 1, 200 * 1024),
                new TraceEvent(0, A, 2, 12 * 1024),
                new TraceEvent(0, A, 3, 4096));
        TraceReplay replay = new TraceReplay(new FakeMemory(1 << 20), ReplayOptions.of(1), done -> {});
        replay.replay(plan(trace));
        assertThat(plan(trace).peakBytes()).isEqualTo(200 * 1024);
        assertThat(replay.heldBytes()).isEqualTo(16 * 1024 + 4096);
        replay.freeAll();
        assertThat(replay.heldBytes()).isZero();
        assertThat(replay.tally().checkedBytes()).isEqualTo(220 * 1024);
    }

    @Test
    void smallerBlocksMakeMoreOperations() {
        AllocationTrace trace = trace(new TraceEvent(0, A, 1, 64 * 1024));
        assertThat(ReplayPlan.of(trace, ReplayBounds.none(4096)).operations()).isEqualTo(32);
        assertThat(plan(trace).operations()).isEqualTo(2);
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> ReplayOptions.of(0)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> ReplayOptions.of(4096)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> new ReplayOptions(1, -1)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> new ReplayOptions(1, Double.NaN)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> ReplayBounds.none(5000)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> ReplayBounds.none(2048)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> BLOCKS_OF_64_KIB.withMaxOperations(1)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> BLOCKS_OF_64_KIB.withMaxObjectBytes(0)).isInstanceOf(InvalidRequest.class);
    }

    private static void run(TraceReplay replay, AllocationTrace trace) {
        replay.replay(plan(trace));
        replay.freeAll();
    }

    private static ReplayPlan plan(AllocationTrace trace) {
        return ReplayPlan.of(trace, BLOCKS_OF_64_KIB);
    }

    private static AllocationTrace trace(TraceEvent... events) {
        return new AllocationTrace("test", List.of(), List.of(events));
    }
}
