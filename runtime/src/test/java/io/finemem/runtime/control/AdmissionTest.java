package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.runtime.control.Admission.Verdict;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private final Admission<String> admission = new Admission<>(2, 1, name -> name.charAt(0));

    @Test
    void theOldestStrangerGivesWay() {
        assertThat(admission.arrived("a")).isEmpty();
        assertThat(admission.arrived("b")).isEmpty();
        assertThat(admission.arrived("c")).contains("a");
        assertThat(admission.all()).containsExactlyInAnyOrder("b", "c");
    }

    @Test
    void thoseWithTheMostStrangersGiveWay() {
        Admission<String> fair = new Admission<>(3, 1, name -> name.charAt(0));
        fair.arrived("honest");
        fair.arrived("x1");
        fair.arrived("x2");
        for (int i = 3; i < 20; i++) {
            assertThat(fair.arrived("x" + i)).contains("x" + (i - 2));
        }
        assertThat(fair.authenticated("honest")).isEqualTo(Verdict.ADMITTED);
    }

    @Test
    void strangersDoNotPushOutSessions() {
        admission.arrived("a");
        assertThat(admission.authenticated("a")).isEqualTo(Verdict.ADMITTED);
        for (int i = 0; i < 10; i++) {
            admission.arrived("stranger " + i);
        }
        assertThat(admission.sessions()).isEqualTo(1);
        assertThat(admission.all()).contains("a").hasSize(3);
    }

    @Test
    void noMoreSessionsThanAllowed() {
        admission.arrived("a");
        admission.arrived("b");
        assertThat(admission.authenticated("a")).isEqualTo(Verdict.ADMITTED);
        assertThat(admission.authenticated("b")).isEqualTo(Verdict.FULL);
        admission.ended("a");
        assertThat(admission.authenticated("b")).isEqualTo(Verdict.ADMITTED);
    }

    @Test
    void whoWasDroppedIsNotServed() {
        admission.arrived("a");
        admission.arrived("b");
        admission.arrived("c");
        assertThat(admission.authenticated("a")).isEqualTo(Verdict.DROPPED);
    }

    @Test
    void whoEndedLeavesNoTrace() {
        admission.arrived("a");
        admission.arrived("b");
        admission.authenticated("a");
        admission.ended("a");
        admission.ended("b");
        assertThat(admission.all()).isEmpty();
    }
}
