package io.finemem.simulation.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Tests the explorer: every mutant of the protocol breaks an invariant in one of its scenarios. */
class MutantsTest {
    private static final long STATES = 1_500_000;
    private static final int THREADS = 2;
    private static final int STORY_LINES = 3;

    private record Verdict(Mutant mutant, Outcome outcome) {
        String text() {
            StringBuilder text = new StringBuilder(String.format(
                    Locale.ROOT,
                    "%-55s %-16s %,10d states %2d steps  %s",
                    mutant.name(),
                    outcome.scenario(),
                    outcome.states(),
                    Math.max(0, outcome.story().size() - 1),
                    outcome.violated() ? outcome.violation() : "SURVIVED"));
            outcome.story().stream().limit(STORY_LINES).forEach(line -> text.append("\n        ")
                    .append(line));
            return text.toString();
        }
    }

    @Test
    void everyMutantIsKilled() throws Exception {
        List<Mutant> mutants = new ArrayList<>(ChainMutants.ALL);
        mutants.addAll(RuleMutants.ALL);
        mutants.addAll(StrictMutants.ALL);
        mutants.addAll(BatchMutants.ALL);
        mutants.addAll(ResumeMutants.ALL);
        List<Verdict> verdicts = judge(mutants);

        verdicts.forEach(verdict -> System.out.println(verdict.text()));
        assertThat(verdicts).hasSizeGreaterThanOrEqualTo(30);
        assertThat(verdicts.stream().filter(verdict -> !verdict.outcome().violated()))
                .as("mutants that nobody notices")
                .extracting(verdict -> verdict.mutant().name())
                .isEmpty();
    }

    private static List<Verdict> judge(List<Mutant> mutants) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Verdict>> futures = new ArrayList<>();
            mutants.forEach(mutant -> futures.add(executor.submit(() -> judge(mutant))));
            List<Verdict> verdicts = new ArrayList<>();
            for (Future<Verdict> future : futures) {
                verdicts.add(future.get());
            }
            return verdicts;
        } finally {
            executor.shutdownNow();
        }
    }

    private static Verdict judge(Mutant mutant) {
        Verdict verdict = null;
        for (String scenario : mutant.scenarios()) {
            verdict = new Verdict(mutant, Explorer.explore(Scenarios.named(scenario), mutant.rules(), STATES));
            if (verdict.outcome().violated()) {
                return verdict;
            }
        }
        if (verdict == null) {
            throw new IllegalArgumentException(mutant.name() + " has no scenario");
        }
        return verdict;
    }
}
