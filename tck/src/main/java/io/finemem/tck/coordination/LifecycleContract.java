package io.finemem.tck.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.MemoryClosed;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationStatus;
import io.finemem.spi.coordination.OwnerIdentity;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Opening and closing; for every provider. */
public abstract class LifecycleContract extends CoordinationContract<CoordinationFixture> {
    private static final int ROUNDS = 20;

    /** For subclasses. */
    protected LifecycleContract() {}

    @Test
    void openedCoordinationIsConnectedAndSaysWhereTheDirectoryIs() {
        CoordinationStatus status = join().status();

        assertThat(status.state()).isEqualTo(CoordinationStatus.State.CONNECTED);
        assertThat(status.connected()).isTrue();
        assertThat(status.detail()).isNotBlank();
        assertThat(status.viewAge()).isBetween(Duration.ZERO, PATIENCE);
    }

    @Test
    void closeCanBeRepeatedAndKeepsTheViewReadable() {
        Coordination coordination = join();
        coordination.close();

        assertThatCode(coordination::close).doesNotThrowAnyException();
        assertThat(coordination.view()).isNotNull();
        assertThat(coordination.status().state()).isEqualTo(CoordinationStatus.State.CLOSED);
    }

    @Test
    void everythingElseIsRefusedAfterClose() {
        Coordination coordination = join();
        coordination.close();

        assertThatThrownBy(() -> coordination.watch(new ChangeLog())).isInstanceOf(MemoryClosed.class);
        assertThatThrownBy(() -> coordination.registerMemoryNode(node("mn", 1, 1)))
                .isInstanceOf(MemoryClosed.class);
        assertThatThrownBy(() -> coordination.registerOwner("cn")).isInstanceOf(MemoryClosed.class);
        assertThatThrownBy(() -> coordination.declareDead(new OwnerIdentity("cn", 1)))
                .isInstanceOf(MemoryClosed.class);
        assertThatThrownBy(() -> coordination.barrier("b", 1)).isInstanceOf(MemoryClosed.class);
    }

    @Test
    void openingAndClosingLeavesNoThreadBehind() {
        Set<Thread> before = liveThreads();
        for (int round = 0; round < ROUNDS; round++) {
            fixture().open().close();
        }

        eventually("threads of closed participants end").untilAsserted(() -> assertThat(liveThreads())
                .filteredOn(thread -> thread.getName().startsWith("finemem"))
                .isSubsetOf(before));
    }

    private static Set<Thread> liveThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .collect(Collectors.toSet());
    }
}
