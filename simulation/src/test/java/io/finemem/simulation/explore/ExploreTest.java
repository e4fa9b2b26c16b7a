package io.finemem.simulation.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.simulation.explore.Outcome.End;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol that ships, in every scenario, up to {@code -Dfinemem.explore.states} states in all. */
class ExploreTest {
    private static final long STATES = Long.getLong("finemem.explore.states", 2_000_000);
    private static final int THREADS = 2;

    @Test
    void noScenarioBreaksAnInvariant() {
        long states = STATES / Explore.scenarios().size();

        List<Outcome> outcomes = Explore.all(
                new Effort(states, Duration.ZERO, THREADS),
                outcome -> System.out.println(Explore.line(outcome)),
                progress -> {});

        assertThat(outcomes).hasSizeGreaterThanOrEqualTo(20);
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.story()).isEmpty());
        assertThat(outcomes).allMatch(outcome -> outcome.complete() || outcome.states() >= states);
    }

    @Test
    void theSameScopeHasTheSameStatesEveryTime() {
        Outcome once = Explore.scenario("open-close", STATES);
        Outcome again = Explore.scenario("open-close", STATES);

        assertThat(again.states()).isEqualTo(once.states());
        assertThat(again.transitions()).isEqualTo(once.transitions());
    }

    @Test
    void anUnknownScenarioIsRefused() {
        assertThatThrownBy(() -> Explore.scenario("nothing", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no scenario named nothing; finemem explore --list names them");
    }

    @Test
    void onlyScenariosThatExistAreCutOff() {
        assertThat(Scenarios.all().stream().map(Scenario::name)).containsAll(Scenarios.CUT_OFF);
        assertThat(Scenarios.all().size() - Scenarios.CUT_OFF.size()).isGreaterThanOrEqualTo(20);
    }

    @Test
    void timeIsSharedAmongTheScenariosAndEndsThem() {
        List<Outcome> outcomes =
                Explore.all(new Effort(0, Duration.ofMillis(200), THREADS), outcome -> {}, progress -> {});

        assertThat(outcomes).hasSameSizeAs(Scenarios.all());
        assertThat(outcomes).extracting(Outcome::end).contains(End.TIME).doesNotContain(End.STATES, End.VIOLATED);
    }

    @Test
    void aDeadlineThatIsPastEndsAnExploration() {
        Explorer explorer = new Explorer(Scenarios.named("all-direct"), Rules.KEPT);

        Outcome outcome = explorer.run(new Limits(Limits.MOST_STATES, System.nanoTime()));

        assertThat(outcome.end()).isEqualTo(End.TIME);
        assertThat(outcome.complete()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aViolationIsToldAgainByItsTrace(int number) {
        Mutant mutant = List.of(
                        ChainMutants.ALL.get(0),
                        RuleMutants.ALL.get(0),
                        StrictMutants.ALL.get(0),
                        BatchMutants.ALL.get(6))
                .get(number);
        Scenario scenario = Scenarios.named(mutant.scenarios().get(0));
        Outcome outcome = Explorer.explore(scenario, mutant.rules(), STATES);

        List<String> again = Explorer.replay(scenario, mutant.rules(), Trace.of(outcome.trace()));

        assertThat(outcome.violated()).isTrue();
        assertThat(again.subList(0, again.size() - 1))
                .isEqualTo(outcome.story().subList(0, outcome.story().size() - 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "1,2", "1..2", "-1", "999999"})
    void whatIsNoTraceIsRefused(String text) {
        assertThatThrownBy(() -> Explore.replay("claim-claim", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a trace is numbers");
    }

    @Test
    void aTraceOfAnotherScenarioIsRefused() {
        assertThatThrownBy(() -> Explore.replay("claim-claim", "0.99"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("step 2 of the trace cannot be");
    }
}
