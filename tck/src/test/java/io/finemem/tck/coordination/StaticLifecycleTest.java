package io.finemem.tck.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.coordination.MemoryNodeState;
import org.junit.jupiter.api.Test;

final class StaticLifecycleTest extends LifecycleContract {
    @Override
    protected CoordinationFixture newFixture() {
        return new StaticFixture();
    }

    @Test
    void listenerIsToldTheListAndNothingMore() {
        ChangeLog log = new ChangeLog();
        join().watch(log);

        assertThat(log.views()).hasSize(1);
        assertThat(log.statesOf("mn1")).containsExactly(MemoryNodeState.SERVING);
    }
}
