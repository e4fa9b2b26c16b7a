package io.finemem.simulation.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.procedure.ClaimChunks;
import io.finemem.allocator.procedure.CloseSpan;
import io.finemem.allocator.procedure.FreeChunks;
import io.finemem.allocator.procedure.OpenSpan;
import io.finemem.allocator.procedure.RequestRevoke;
import io.finemem.allocator.procedure.WriteSlots;
import io.finemem.allocator.recovery.ResolveSlots;
import io.finemem.allocator.recovery.SweepRings;
import io.finemem.simulation.step.PostedChain;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
                        + " %,d resolver restarts, %,d revoked in %,d sweeps%n",
                FIRST,
                FIRST + SEEDS - 1,
                reports.stream().mapToLong(SimulationReport::operations).sum(),
                reports.stream().mapToLong(SimulationReport::deaths).sum(),
                reports.stream().mapToLong(SimulationReport::suspicions).sum(),
                reports.stream().mapToLong(SimulationReport::losses).sum(),
                reports.stream().mapToLong(SimulationReport::recovered).sum(),
                reports.stream().mapToLong(SimulationReport::restarts).sum(),
                reports.stream().mapToLong(SimulationReport::revoked).sum(),
                reports.stream().mapToLong(SimulationReport::sweeps).sum());
        assertThat(reports).filteredOn(SimulationReport::failed).isEmpty();
        assertThat(reports).anyMatch(report -> report.recovered() > 0 && report.losses() > 0);
        for (boolean strict : new boolean[] {true, false}) {
            assertThat(reports)
                    .filteredOn(report -> report.strict() == strict)
                    .as("strict isolation: %s", strict)
                    .hasSizeGreaterThan(SEEDS / 4)
                    .allMatch(report -> (report.revoked() > 0) == strict);
        }
    }

    @Test
    void theSameSeedGivesTheSameRunOperationByOperation() {
        for (long seed = FIRST; seed < FIRST + 5; seed++) {
            assertThat(Simulate.seed(seed)).as("seed %d", seed).isEqualTo(Simulate.seed(seed));
        }
    }

    @Test
    void runsGoOnUntilTheTimeIsOverAndTellWhereToGoOn() {
        List<SimulationReport> reports = new ArrayList<>();

        long next = Simulate.until(FIRST, TimeUnit.MILLISECONDS.toNanos(200), THREADS, reports::add);

        assertThat(reports).extracting(SimulationReport::seed).first().isEqualTo(FIRST);
        assertThat(reports).extracting(SimulationReport::seed).last().isEqualTo(next - 1);
        assertThat(reports).doesNotHaveDuplicates().hasSize((int) (next - FIRST));
    }

    @Test
    void differentSeedsGiveDifferentRuns() {
        assertThat(Simulate.seed(FIRST).trace())
                .isNotEqualTo(Simulate.seed(FIRST + 1).trace());
    }

    @ParameterizedTest
    @EnumSource
    void aBrokenProtocolIsNoticed(Broken broken) {
        long seed = FIRST;
        while (seed < FIRST + SEEDS && !Simulate.seed(seed, broken.posting).failed()) {
            seed++;
        }

        SimulationReport report = Simulate.seed(seed, broken.posting);
        System.out.println(broken + ": " + report);
        assertThat(report.failed()).as("noticed by seed %d", seed).isTrue();
    }

    /** Chains with one ingredient missing. */
    private enum Broken {
        SLOT_WRITTEN_AFTER_THE_CAS((procedure, chain) -> {
            if (procedure instanceof ClaimChunks) {
                chain.move(0, 1);
            }
        }),
        OWNED_NOT_WITHDRAWN((procedure, chain) -> {
            if (procedure instanceof FreeChunks && chain.kind(0) == PostedChain.WRITE) {
                chain.drop(0, 0);
            }
        }),
        CLOSING_WITHOUT_TRANSITION_SLOT((procedure, chain) -> {
            if (procedure instanceof CloseSpan && chain.kind(0) == PostedChain.WRITE) {
                chain.drop(0, 0);
            }
        }),
        OPENING_WITHOUT_TRANSITION_SLOT((procedure, chain) -> {
            if (procedure instanceof OpenSpan && JournalSlot.type(chain.first(0)) == JournalSlot.TRANSITION) {
                chain.drop(0, 0);
            }
        }),
        FREES_TWICE((procedure, chain) -> {
            if (procedure instanceof FreeChunks) {
                int last = chain.size() - 1;
                chain.insert(last, PostedChain.ADD, chain.offset(last), chain.first(last), 0);
            }
        }),
        PROMISE_NOT_WITHDRAWN_BEFORE_A_REVOCATION((procedure, chain) -> {
            if (procedure instanceof RequestRevoke && chain.kind(0) == PostedChain.WRITE && chain.size() == 2) {
                chain.drop(0, 0);
            }
        }),
        ENTRY_OF_A_RING_NOT_WRITTEN((procedure, chain) -> {
            if (procedure instanceof RequestRevoke && chain.kind(0) == PostedChain.WRITE) {
                chain.drop(chain.size() - 1, 0);
            }
        }),
        UNITS_CLEARED_BEFORE_THE_RKEY_IS_DEAD((procedure, chain) -> {
            if (procedure instanceof SweepRings && chain.kind(0) == PostedChain.BIND) {
                chain.move(0, chain.size() - 1);
            }
        }),
        RKEY_STORED_AFTER_THE_UNITS_ARE_CLEARED((procedure, chain) -> {
            for (int i = 0; procedure instanceof SweepRings && i < chain.size(); i++) {
                if (chain.kind(i) == PostedChain.PUBLISH) {
                    chain.move(i, chain.size() - 1);
                    return;
                }
            }
        }),
        RESOLVE_LEAVES_RKEYS_ALIVE((procedure, chain) -> {
            for (int i = 0; procedure instanceof ResolveSlots && i < chain.size(); i++) {
                if (chain.kind(i) == PostedChain.BIND) {
                    chain.drop(i, 0);
                    return;
                }
            }
        }),
        RESOLVER_IS_TOLD_LIES((procedure, chain) -> {
            if (procedure instanceof WriteSlots && JournalSlot.kind(chain.first(0)) == JournalSlot.OWNED) {
                chain.replace(0, PostedChain.WRITE, 0, 0);
            }
        });

        private final Wire.Posting posting;

        Broken(Wire.Posting posting) {
            this.posting = posting;
        }
    }

    /** On average 80 % of the chunks are in use; the bound on the worst claim is not met here. */
    @Test
    void sixtyFourClientsOfAFullMemoryNodeSeldomCollide() {
        SimulationReport report = Simulate.contention(FIRST, 5);

        System.out.println(report);
        assertThat(report.failure()).isEmpty();
        assertThat(report.refused()).isZero();
        assertThat(report.meanRetries()).isLessThanOrEqualTo(MEAN_RETRIES);
    }

    @Test
    void sixtyFourClientsOfOneMemoryNodeHardlyCollide() {
        SimulationReport report = Simulate.contention(FIRST, 8);

        System.out.println(report);
        assertThat(report.failure()).isEmpty();
        assertThat(report.allocations()).isGreaterThan(50_000);
        assertThat(report.refused()).isZero();
        assertThat(report.meanRetries()).isLessThanOrEqualTo(MEAN_RETRIES);
        assertThat(report.mostRetries()).isLessThanOrEqualTo(MOST_RETRIES);
    }
}
