package io.finemem.tck.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.spi.coordination.Announcement;
import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationStatus;
import io.finemem.spi.coordination.CoordinationUnavailable;
import io.finemem.spi.coordination.MemoryNodeRegistration;
import io.finemem.spi.coordination.MemoryNodeState;
import io.finemem.spi.coordination.OwnerRegistration;
import io.finemem.spi.coordination.OwnerState;
import io.finemem.spi.coordination.Registration;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** C1, C2, C5, C6, C7 while the directory is away and after it is back; for providers with a server. */
public abstract class OutageContract extends CoordinationContract<OutageFixture> {

    /** For subclasses. */
    protected OutageContract() {}

    private static void awaitStatus(Coordination coordination, CoordinationStatus.State state) {
        eventually("status " + state).until(() -> coordination.status().state() == state);
    }

    /** Lets more time pass without the directory than a lease is long. */
    private void outlastALease(Coordination disconnected) {
        Duration beyond = fixture().lease().multipliedBy(3).dividedBy(2);
        eventually("the view ages").until(() -> disconnected.status().viewAge().compareTo(beyond) > 0);
    }

    @Test
    void lostDirectoryIsToldAndTheViewStaysAndAges() {
        Coordination coordination = join();
        ChangeLog log = new ChangeLog();
        coordination.watch(log);
        coordination.registerMemoryNode(node("mn1", 1, 1));
        ClusterView before = coordination.view();
        fixture().killDirectory();
        awaitStatus(coordination, CoordinationStatus.State.DISCONNECTED);
        outlastALease(coordination);

        assertThat(coordination.view()).isEqualTo(before);
        eventually("listeners are told").until(() -> log.states().contains(CoordinationStatus.State.DISCONNECTED));
    }

    @Test
    void callsThatNeedTheDirectoryEndInTime() {
        Coordination coordination = join();
        fixture().killDirectory();
        awaitStatus(coordination, CoordinationStatus.State.DISCONNECTED);

        assertThatThrownBy(() -> coordination.registerOwner("cn1")).isInstanceOf(CoordinationUnavailable.class);
        assertThatThrownBy(() -> coordination.registerMemoryNode(node("mn1", 1, 1)))
                .isInstanceOf(CoordinationUnavailable.class);
        assertThatThrownBy(() -> coordination.barrier("b", 1).await(Duration.ofMillis(100)))
                .isInstanceOf(CoordinationUnavailable.class);
        coordination.close();
    }

    @Test
    void restartedDirectoryFindsEverybodyAgainAndNobodySuspected() {
        Coordination coordination = join();
        Coordination witness = join();
        OwnerRegistration owner = coordination.registerOwner("cn1");
        MemoryNodeRegistration node = coordination.registerMemoryNode(node("mn1", 1, 1));
        awaitNode(witness, "mn1", MemoryNodeState.JOINING);
        ChangeLog log = new ChangeLog();
        witness.watch(log);
        fixture().killDirectory();
        awaitStatus(witness, CoordinationStatus.State.DISCONNECTED);
        outlastALease(witness);
        assertThat(owner.state()).isEqualTo(Registration.State.UNCONFIRMED);
        fixture().restartDirectory();
        awaitStatus(witness, CoordinationStatus.State.CONNECTED);
        eventually("registrations are confirmed")
                .until(() -> owner.state() == Registration.State.ACTIVE && node.state() == Registration.State.ACTIVE);
        letLeasesEnd(witness);

        assertThat(log.statesOf(owner.identity())).containsExactly(OwnerState.LIVE);
        assertThat(log.statesOf("mn1")).containsExactly(MemoryNodeState.JOINING);
        assertThat(log.states())
                .containsSubsequence(CoordinationStatus.State.DISCONNECTED, CoordinationStatus.State.CONNECTED);
    }

    @Test
    void frozenDirectoryIsAnOutageAndIsOverWhenItThaws() {
        Coordination coordination = join();
        OwnerRegistration owner = coordination.registerOwner("cn1");
        fixture().freezeDirectory();
        awaitStatus(coordination, CoordinationStatus.State.DISCONNECTED);
        assertThatThrownBy(() -> coordination.registerOwner("cn2")).isInstanceOf(CoordinationUnavailable.class);
        fixture().thawDirectory();
        awaitStatus(coordination, CoordinationStatus.State.CONNECTED);

        eventually("the owner is confirmed").until(() -> owner.state() == Registration.State.ACTIVE);
        awaitOwner(join(), owner.identity(), OwnerState.LIVE);
    }

    @Test
    void deathDeclaredDuringAnOutageIsToldAfterIt() {
        Coordination judge = join();
        Coordination witness = join();
        OwnerRegistration owner = join().registerOwner("cn1");
        awaitOwner(judge, owner.identity(), OwnerState.LIVE);
        fixture().killDirectory();
        awaitStatus(judge, CoordinationStatus.State.DISCONNECTED);

        assertThat(judge.declareDead(owner.identity())).isEqualTo(Announcement.PENDING);
        assertThat(judge.view().hasEnded(owner.identity())).isTrue();
        fixture().restartDirectory();
        awaitOwner(witness, owner.identity(), OwnerState.DEAD);
        eventually("the owner learns it").until(() -> owner.state() == Registration.State.LOST);
    }

    @Test
    void stateAnnouncedDuringAnOutageIsToldAfterIt() {
        Coordination witness = join();
        MemoryNodeRegistration node = join().registerMemoryNode(node("mn1", 1, 1));
        Coordination judge = join();
        fixture().killDirectory();
        awaitStatus(judge, CoordinationStatus.State.DISCONNECTED);

        assertThat(node.update(MemoryNodeState.SERVING)).isEqualTo(Announcement.PENDING);
        fixture().restartDirectory();
        awaitNode(witness, "mn1", MemoryNodeState.SERVING);
    }

    @Test
    void directoryThatLostItsDataIsFilledAgainWithoutAnybodyVanishing() {
        Coordination coordination = join();
        Coordination witness = join();
        OwnerRegistration owner = coordination.registerOwner("cn1");
        OwnerRegistration dead = coordination.registerOwner("cn2");
        coordination.registerMemoryNode(node("mn1", 1, 1));
        witness.declareDead(dead.identity());
        awaitNode(witness, "mn1", MemoryNodeState.JOINING);
        ChangeLog log = new ChangeLog();
        witness.watch(log);
        fixture().killDirectory();
        awaitStatus(witness, CoordinationStatus.State.DISCONNECTED);
        fixture().restartDirectoryEmpty();
        awaitStatus(witness, CoordinationStatus.State.CONNECTED);
        letLeasesEnd(witness);

        assertThat(log.statesOf(owner.identity())).containsExactly(OwnerState.LIVE);
        assertThat(log.statesOf(dead.identity())).containsExactly(OwnerState.DEAD);
        assertThat(log.statesOf("mn1")).containsExactly(MemoryNodeState.JOINING);
        assertThat(log.views()).allMatch(view -> view.memoryNode("mn1").isPresent());
        assertThat(join().view().hasEnded(dead.identity())).isTrue();
    }

    @Test
    void incarnationsGrowAlsoAfterTheDirectoryLostItsDataAndNobodyRemembers() {
        Coordination forgetful = fixture().open();
        long before = forgetful.registerOwner("cn1").identity().incarnation();
        fixture().vanish(forgetful);
        fixture().killDirectory();
        fixture().restartDirectoryEmpty();

        assertThat(join().registerOwner("cn1").identity().incarnation()).isGreaterThan(before);
    }

    @Test
    void revisionsGrowAlsoAfterTheDirectoryLostItsData() {
        Coordination coordination = join();
        ChangeLog log = new ChangeLog();
        coordination.watch(log);
        OwnerRegistration before = coordination.registerOwner("cn1");
        fixture().killDirectory();
        awaitStatus(coordination, CoordinationStatus.State.DISCONNECTED);
        fixture().restartDirectoryEmpty();
        awaitStatus(coordination, CoordinationStatus.State.CONNECTED);
        OwnerRegistration after = coordination.registerOwner("cn1");

        eventually("the listener is told")
                .until(() -> log.statesOf(after.identity()).contains(OwnerState.LIVE));
        assertThat(log.views()).extracting(ClusterView::revision).isSorted().doesNotHaveDuplicates();
        assertThat(after.identity().incarnation())
                .isGreaterThan(before.identity().incarnation());
    }

    @Test
    void barrierLetsThroughWhoWaitedSinceBeforeTheDirectoryLostItsData() throws Exception {
        Coordination early = join();
        Coordination late = join();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<Long> waiting = thread.submit(() -> early.barrier("start", 2).await(PATIENCE));
            fixture().killDirectory();
            awaitStatus(early, CoordinationStatus.State.DISCONNECTED);
            fixture().restartDirectoryEmpty();
            awaitStatus(late, CoordinationStatus.State.CONNECTED);

            assertThat(late.barrier("start", 2).await(PATIENCE)).isEqualTo(waiting.get());
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void closeDuringAnOutageEndsInTime() {
        Coordination coordination = join();
        OwnerRegistration owner = coordination.registerOwner("cn1");
        fixture().freezeDirectory();
        coordination.close();

        assertThat(owner.state()).isEqualTo(Registration.State.CLOSED);
        assertThat(coordination.status().state()).isEqualTo(CoordinationStatus.State.CLOSED);
        fixture().thawDirectory();
    }
}
