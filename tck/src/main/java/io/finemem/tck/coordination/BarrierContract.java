package io.finemem.tck.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.coordination.Barrier;
import io.finemem.spi.coordination.Coordination;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** C9: barriers; for providers with barriers. */
public abstract class BarrierContract extends CoordinationContract<CoordinationFixture> {
    private static final int PARTIES = 3;
    private static final int GENERATIONS = 5;
    private static final Duration SHORT = Duration.ofMillis(200);

    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** For subclasses. */
    protected BarrierContract() {}

    @AfterEach
    final void endThreads() {
        threads.shutdownNow();
    }

    @Test
    void partiesMeetGenerationAfterGeneration() throws Exception {
        AtomicInteger arrived = new AtomicInteger();
        List<Callable<List<Long>>> parties = new ArrayList<>();
        for (int i = 0; i < PARTIES; i++) {
            Barrier barrier = join().barrier("start", PARTIES);
            parties.add(() -> meet(barrier, arrived));
        }
        List<List<Long>> generations = new ArrayList<>();
        for (Future<List<Long>> party : threads.invokeAll(parties)) {
            generations.add(party.get());
        }
        assertThat(generations).allMatch(generations.get(0)::equals);
        assertThat(generations.get(0)).hasSize(GENERATIONS).isSorted().doesNotHaveDuplicates();
    }

    private static List<Long> meet(Barrier barrier, AtomicInteger arrived) throws InterruptedException {
        List<Long> generations = new ArrayList<>();
        for (int round = 1; round <= GENERATIONS; round++) {
            arrived.incrementAndGet();
            generations.add(barrier.await(PATIENCE));
            assertThat(arrived.get()).isGreaterThanOrEqualTo(round * PARTIES);
        }
        return generations;
    }

    @Test
    void tooFewPartiesEndWithATimeoutThatCountsThem() {
        Barrier barrier = join().barrier("start", PARTIES);

        assertThatThrownBy(() -> barrier.await(SHORT))
                .isInstanceOf(OperationTimeout.class)
                .hasMessageContaining("start")
                .hasMessageContaining("1")
                .hasMessageContaining(Integer.toString(PARTIES));
    }

    @Test
    void arrivalThatTimedOutIsNotCounted() {
        Coordination first = join();
        Coordination second = join();
        assertThatThrownBy(() -> first.barrier("start", 2).await(SHORT)).isInstanceOf(OperationTimeout.class);

        assertThatThrownBy(() -> second.barrier("start", 2).await(SHORT)).isInstanceOf(OperationTimeout.class);
    }

    @Test
    void arrivalThatWasInterruptedIsNotCounted() throws Exception {
        Coordination first = join();
        Future<?> waiting = threads.submit(() -> first.barrier("start", 3).await(PATIENCE));
        awaitArrivals(2);
        waiting.cancel(true);

        eventually("the arrival is withdrawn")
                .untilAsserted(() -> assertThat(arrivals()).isEqualTo(1));
    }

    @Test
    void arrivalOfAProcessThatVanishedIsNotCounted() {
        Coordination mortal = fixture().open();
        threads.submit(() -> mortal.barrier("start", 3).await(PATIENCE));
        awaitArrivals(2);
        fixture().vanish(mortal);
        letLeasesEnd(join());
        Coordination first = join();
        threads.submit(() -> first.barrier("start", 3).await(PATIENCE));
        Coordination second = join();

        assertThatThrownBy(() -> second.barrier("start", 3).await(SHORT))
                .isInstanceOf(OperationTimeout.class)
                .hasMessageContaining("parties=3");
    }

    private void awaitArrivals(int count) {
        Coordination probe = join();
        eventually(count + " arrivals").until(() -> arrivals(probe) == count);
    }

    private int arrivals() {
        try (Coordination probe = fixture().open()) {
            return arrivals(probe);
        }
    }

    /** How many arrive at the barrier of three, the probe's own arrival included, as its timeout tells. */
    private static int arrivals(Coordination probe) {
        try {
            probe.barrier("start", 3).await(Duration.ofMillis(50));
            return 3;
        } catch (OperationTimeout e) {
            return String.valueOf(e.getMessage()).contains("arrived=2") ? 2 : 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void otherNumberOfPartiesIsRefusedWhileSomebodyWaits() throws Exception {
        Coordination first = join();
        Future<Long> waiting = threads.submit(() -> first.barrier("start", 2).await(PATIENCE));
        Coordination second = join();
        eventually("the mismatch is seen").untilAsserted(() -> assertThatThrownBy(
                        () -> second.barrier("start", 3).await(SHORT))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("2")
                .hasMessageContaining("3"));
        second.barrier("start", 2).await(PATIENCE);

        assertThat(waiting.get()).isPositive();
    }

    @Test
    void barriersOfDifferentNamesAreApart() {
        Coordination first = join();
        threads.submit(() -> first.barrier("one", 2).await(PATIENCE));
        Coordination second = join();

        assertThatThrownBy(() -> second.barrier("two", 2).await(SHORT)).isInstanceOf(OperationTimeout.class);
    }

    @Test
    void oneProcessMayBeSeveralParties() throws InterruptedException, ExecutionException {
        Barrier barrier = join().barrier("start", 2);
        Future<Long> other = threads.submit(() -> barrier.await(PATIENCE));

        assertThat(barrier.await(PATIENCE)).isEqualTo(other.get());
    }

    @Test
    void badArgumentsAreRefused() {
        Coordination coordination = join();

        assertThatThrownBy(() -> coordination.barrier("start", 0)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> coordination.barrier("a b", 1)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> coordination.barrier("start", 1).await(Duration.ZERO))
                .isInstanceOf(InvalidRequest.class);
    }
}
