package io.finemem.tck.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.MemoryNodeRegistration;
import io.finemem.spi.coordination.MemoryNodeState;
import io.finemem.spi.coordination.OwnerRegistration;
import io.finemem.spi.coordination.OwnerState;
import io.finemem.spi.coordination.Registration;
import io.finemem.spi.coordination.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** C7, C8: views and listeners; for providers with registration and owners. */
public abstract class WatchContract extends CoordinationContract<CoordinationFixture> {
    private static final int PARTICIPANTS = 4;
    private static final int CHANGES = 30;

    /** For subclasses. */
    protected WatchContract() {}

    @Test
    void firstCallShowsWhatThereIs() {
        Coordination coordination = join();
        OwnerRegistration owner = coordination.registerOwner("cn1");
        coordination.registerMemoryNode(node("mn1", 1, 1));
        ChangeLog log = new ChangeLog();
        coordination.watch(log);

        eventually("the first call comes").until(() -> !log.views().isEmpty());
        assertThat(log.views().get(0).memoryNode("mn1")).isPresent();
        assertThat(log.statesOf(owner.identity())).containsExactly(OwnerState.LIVE);
        assertThat(log.statesOf("mn1")).containsExactly(MemoryNodeState.JOINING);
    }

    @Test
    void lastStateIsNeverMissedAndRevisionsGrow() throws Exception {
        Coordination witness = join();
        ChangeLog log = new ChangeLog();
        witness.watch(log);
        List<Coordination> writers = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(PARTICIPANTS);
        try {
            List<Future<?>> bursts = new ArrayList<>();
            for (int i = 0; i < PARTICIPANTS; i++) {
                Coordination writer = join();
                writers.add(writer);
                int port = i + 1;
                bursts.add(threads.submit(() -> burst(writer, "mn" + port, port)));
            }
            for (Future<?> burst : bursts) {
                burst.get();
            }
        } finally {
            threads.shutdownNow();
        }
        for (int i = 1; i <= PARTICIPANTS; i++) {
            awaitNode(witness, "mn" + i, MemoryNodeState.DRAINING);
        }
        eventually("the listener has the newest view")
                .until(() -> log.views().get(log.views().size() - 1).equals(witness.view()));
        assertThat(log.views()).extracting(ClusterView::revision).isSorted().doesNotHaveDuplicates();
        for (Coordination writer : writers) {
            eventually("all agree").until(() -> writer.view().equals(witness.view()));
        }
    }

    private static void burst(Coordination writer, String name, int port) {
        MemoryNodeRegistration registration = writer.registerMemoryNode(node(name, port, port));
        for (int i = 0; i < CHANGES; i++) {
            registration.update(i % 2 == 0 ? MemoryNodeState.SERVING : MemoryNodeState.DRAINING);
        }
    }

    @Test
    void listenerThatThrowsDoesNotStopTheOthersOrItself() {
        Coordination coordination = join();
        ChangeLog inner = new ChangeLog();
        coordination.watch((view, events) -> {
            inner.changed(view, events);
            throw new IllegalStateException("thrown by the listener on purpose");
        });
        ChangeLog log = new ChangeLog();
        coordination.watch(log);
        OwnerRegistration owner = join().registerOwner("cn1");

        eventually("the other listener is told")
                .until(() -> log.statesOf(owner.identity()).contains(OwnerState.LIVE));
        eventually("the failing listener is told, too")
                .until(() -> inner.statesOf(owner.identity()).contains(OwnerState.LIVE));
    }

    @Test
    void listenerThatHangsDoesNotEndTheLeaseOrTheView() throws Exception {
        Coordination coordination = join();
        Coordination witness = join();
        OwnerRegistration owner = coordination.registerOwner("cn1");
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        coordination.watch((view, events) -> {
            hanging.countDown();
            awaitQuietly(release);
        });
        try {
            hanging.await();
            ChangeLog log = new ChangeLog();
            witness.watch(log);
            letLeasesEnd(witness);

            assertThat(log.statesOf(owner.identity())).doesNotContain(OwnerState.SUSPECT);
            assertThat(owner.state()).isEqualTo(Registration.State.ACTIVE);
            eventually("the view goes on").until(() -> coordination.view().equals(witness.view()));
        } finally {
            release.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void listenerMayCallTheCoordination() {
        Coordination coordination = join();
        OwnerRegistration victim = join().registerOwner("victim");
        coordination.watch((view, events) -> {
            if (view.ownerState(victim.identity()).equals(Optional.of(OwnerState.LIVE))) {
                coordination.declareDead(victim.identity());
            }
        });

        awaitOwner(join(), victim.identity(), OwnerState.DEAD);
    }

    @Test
    void closedSubscriptionIsNotCalledAgain() {
        Coordination coordination = join();
        ChangeLog closed = new ChangeLog();
        ChangeLog open = new ChangeLog();
        Subscription subscription = coordination.watch(closed);
        coordination.watch(open);
        eventually("the first call comes").until(() -> !closed.views().isEmpty());
        subscription.close();
        subscription.close();
        int calls = closed.views().size();
        OwnerRegistration owner = join().registerOwner("cn1");

        eventually("the other one is told")
                .until(() -> open.statesOf(owner.identity()).contains(OwnerState.LIVE));
        assertThat(closed.views()).hasSize(calls);
    }
}
