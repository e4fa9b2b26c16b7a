package io.finemem.service.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ServingThreadTest {
    private static final long SPIN = 50_000;

    @Test
    void anIdleSessionSleepsLaterWhileOthersAreServed() {
        assertThat(ServingThread.patience(0, SPIN)).isEqualTo(20 * SPIN);
        assertThat(ServingThread.patience(SPIN - 1, SPIN)).isEqualTo(20 * SPIN);
    }

    @Test
    void allSessionsSleepOnceNobodyWasServedForTheTimeOfSpinning() {
        assertThat(ServingThread.patience(SPIN, SPIN)).isEqualTo(SPIN);
        assertThat(ServingThread.patience(0, 0)).isZero();
    }
}
