package io.finemem.simulation.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whole systems by seed: {@code -Dfinemem.simulate.seeds} of them, from {@code -Dfinemem.simulate.first} on. */
class SimulateTest {
    private static final int SEEDS = Integer.getInteger("finemem.simulate.seeds", 150);
    private static final long FIRST = Long.getLong("finemem.simulate.first", 1);
    private static final int THREADS = 2;
    private static final double MEAN_RETRIES = 0.2;
    private static final int MOST_RETRIES = 20;

    @Test
    void noSeedBreaksAnInvariantAndEverythingEndsFree() {
        List<SimulationReport> reports = new ArrayList<>();
        Simulate.seeds(FIRST, SEEDS, THREADS, reports::add);

        reports.stream().filter(SimulationReport::failed).forEach(System.out::println);
        System.out.printf(
                "seeds %d to %d: %,d operations, %,d deaths, %,d false suspicions, %,d losses, %,d recovered,"
                        + " %,d resolver restarts%n",
                FIRST,
                FIRST + SEEDS - 1,
                reports.stream().mapToLong(SimulationReport::operations).sum(),
                reports.stream().mapToLong(SimulationReport::deaths).sum(),
                reports.stream().mapToLong(SimulationReport::suspicions).sum(),
                reports.stream().mapToLong(SimulationReport::losses).sum(),
                reports.stream().mapToLong(SimulationReport::recovered).sum(),
                reports.stream().mapToLong(SimulationReport::restarts).sum());
        assertThat(reports).filteredOn(SimulationReport::failed).isEmpty();
        assertThat(reports).anyMatch(report -> report.recovered() > 0 && report.losses() > 0);
    }

    @Test
    void theSameSeedGivesTheSameRunOperationByOperation() {
        for (long seed = FIRST; seed < FIRST + 5; seed++) {
            assertThat(Simulate.seed(seed)).as("seed %d", seed).isEqualTo(Simulate.seed(seed));
        }
    }

    @Test
    void differentSeedsGiveDifferentRuns() {
        assertThat(Simulate.seed(FIRST).trace())
                .isNotEqualTo(Simulate.seed(FIRST + 1).trace());
    }

    @Test
    void sixtyFourClientsOfOneMemoryNodeHardlyCollide() {
        SimulationReport report = Simulate.contention(FIRST);

        System.out.println(report);
        assertThat(report.failure()).isEmpty();
        assertThat(report.allocations()).isGreaterThan(50_000);
        assertThat(report.refused()).isZero();
        assertThat(report.meanRetries()).isLessThanOrEqualTo(MEAN_RETRIES);
        assertThat(report.mostRetries()).isLessThanOrEqualTo(MOST_RETRIES);
    }
}
