package io.finemem.simulation.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The protocol that ships, in every scenario, up to {@code -Dfinemem.explore.states} states in all. */
class ExploreTest {
    private static final long STATES = Long.getLong("finemem.explore.states", 2_000_000);
    private static final int THREADS = 2;

    @Test
    void noScenarioBreaksAnInvariant() {
        long states = STATES / Explore.scenarios().size();

        List<Outcome> outcomes = Explore.all(states, THREADS, outcome -> System.out.println(Explore.line(outcome)));

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
    void anUnknownScenarioIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> Explore.scenario("nothing", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'nothing'")
                .hasMessageContaining("claim-claim");
    }
}
