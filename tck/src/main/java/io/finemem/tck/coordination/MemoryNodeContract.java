package io.finemem.tck.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.spi.coordination.Announcement;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.MemoryNodeEntry;
import io.finemem.spi.coordination.MemoryNodeRegistration;
import io.finemem.spi.coordination.MemoryNodeState;
import io.finemem.spi.coordination.Registration;
import io.finemem.spi.settings.NetworkAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** C3, C4: memory nodes; for providers with registration. */
public abstract class MemoryNodeContract extends CoordinationContract<CoordinationFixture> {
    private static final String NAME = "mn1";

    /** For subclasses. */
    protected MemoryNodeContract() {}

    @Test
    void registeredNodeIsSeenByAllWithAllItsFields() {
        MemoryNodeEntry entry = new MemoryNodeEntry(
                NAME,
                new NetworkAddress("2001:db8::1", 65_535),
                Long.MIN_VALUE,
                "verbs",
                Long.MAX_VALUE,
                MemoryNodeState.SERVING);
        Coordination witness = join();
        MemoryNodeRegistration registration = join().registerMemoryNode(entry);

        eventually("the node is seen")
                .until(() -> witness.view().memoryNode(NAME).isPresent());
        assertThat(witness.view().memoryNode(NAME)).contains(entry);
        assertThat(registration.entry()).isEqualTo(entry);
        assertThat(registration.state()).isEqualTo(Registration.State.ACTIVE);
        assertThat(join().view().memoryNode(NAME)).contains(entry);
    }

    @Test
    void nodeWithUnknownFieldsKeepsThemUnknown() {
        MemoryNodeEntry entry =
                new MemoryNodeEntry(NAME, new NetworkAddress("h", 1), 0, "", 0, MemoryNodeState.SERVING);
        join().registerMemoryNode(entry);

        assertThat(join().view().memoryNode(NAME)).contains(entry);
    }

    @Test
    void statesAreToldInTheOrderInWhichTheyWereAnnounced() {
        ChangeLog log = new ChangeLog();
        join().watch(log);
        MemoryNodeRegistration registration = join().registerMemoryNode(node(NAME, 1, 1));
        awaitTold(log, MemoryNodeState.JOINING);
        assertThat(registration.update(MemoryNodeState.SERVING)).isEqualTo(Announcement.RECORDED);
        awaitTold(log, MemoryNodeState.SERVING);
        registration.update(MemoryNodeState.DRAINING);
        awaitTold(log, MemoryNodeState.DRAINING);
        registration.update(MemoryNodeState.SERVING);
        awaitTold(log, MemoryNodeState.SERVING);
        registration.close();
        awaitTold(log, MemoryNodeState.GONE);

        assertThat(log.statesOf(NAME))
                .containsExactly(
                        MemoryNodeState.JOINING,
                        MemoryNodeState.SERVING,
                        MemoryNodeState.DRAINING,
                        MemoryNodeState.SERVING,
                        MemoryNodeState.GONE);
    }

    /** Each state is waited for: a listener may be spared those that do not last. */
    private static void awaitTold(ChangeLog log, MemoryNodeState state) {
        eventually("told of " + state).until(() -> {
            List<MemoryNodeState> told = log.statesOf(NAME);
            return !told.isEmpty() && told.get(told.size() - 1) == state;
        });
    }

    @Test
    void stateCannotGoBackToJoining() {
        MemoryNodeRegistration registration = join().registerMemoryNode(node(NAME, 1, 1));
        registration.update(MemoryNodeState.SERVING);

        assertThatThrownBy(() -> registration.update(MemoryNodeState.JOINING))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("SERVING")
                .hasMessageContaining("JOINING");
        assertThat(registration.entry().state()).isEqualTo(MemoryNodeState.SERVING);
    }

    @Test
    void nodeCannotBeRegisteredAsDrainingOrGone() {
        Coordination coordination = join();

        assertThatThrownBy(
                        () -> coordination.registerMemoryNode(node(NAME, 1, 1).withState(MemoryNodeState.GONE)))
                .isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(
                        () -> coordination.registerMemoryNode(node(NAME, 1, 1).withState(MemoryNodeState.DRAINING)))
                .isInstanceOf(InvalidRequest.class);
    }

    @Test
    void closedRegistrationRefusesUpdates() {
        MemoryNodeRegistration registration = join().registerMemoryNode(node(NAME, 1, 1));
        registration.close();
        registration.close();

        assertThat(registration.state()).isEqualTo(Registration.State.CLOSED);
        assertThatThrownBy(() -> registration.update(MemoryNodeState.SERVING)).isInstanceOf(MemoryClosed.class);
    }

    @Test
    void closingTheCoordinationWithdrawsItsNodes() {
        Coordination witness = join();
        Coordination host = join();
        host.registerMemoryNode(node(NAME, 1, 1));
        awaitNode(witness, NAME, MemoryNodeState.JOINING);
        host.close();

        awaitNode(witness, NAME, MemoryNodeState.GONE);
    }

    @Test
    void nodeThatVanishesIsGoneAfterItsLeaseAndOthersStay() {
        Coordination witness = join();
        ChangeLog log = new ChangeLog();
        witness.watch(log);
        Coordination host = fixture().open();
        host.registerMemoryNode(node(NAME, 1, 1).withState(MemoryNodeState.SERVING));
        join().registerMemoryNode(node("mn2", 2, 2).withState(MemoryNodeState.SERVING));
        awaitNode(witness, "mn2", MemoryNodeState.SERVING);
        fixture().vanish(host);
        awaitNode(witness, NAME, MemoryNodeState.GONE);
        letLeasesEnd(witness);

        assertThat(log.statesOf("mn2")).containsExactly(MemoryNodeState.SERVING);
    }

    @Test
    void nameOfALivingNodeIsRefusedElsewhere() {
        join().registerMemoryNode(node(NAME, 1, 1));
        Coordination other = join();

        assertThatThrownBy(() -> other.registerMemoryNode(node(NAME, 2, 2)))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining(NAME)
                .hasMessageContaining("mn.example:1");
        assertThat(other.view().memoryNode(NAME).orElseThrow().bootNonce()).isEqualTo(1);
    }

    @Test
    void nameOfANodeThatIsGoneCanBeTakenElsewhere() {
        join().registerMemoryNode(node(NAME, 1, 1)).close();

        assertThat(join().registerMemoryNode(node(NAME, 2, 2)).state()).isEqualTo(Registration.State.ACTIVE);
    }

    @Test
    void restartAtTheSameAddressReplacesTheOldRunForGood() {
        Coordination witness = join();
        MemoryNodeRegistration old = join().registerMemoryNode(node(NAME, 1, 1));
        MemoryNodeRegistration young = join().registerMemoryNode(node(NAME, 1, 2));

        eventually("the old run learns it").until(() -> old.state() == Registration.State.LOST);
        assertThatThrownBy(() -> old.update(MemoryNodeState.SERVING)).isInstanceOf(MemoryClosed.class);
        old.close();
        young.update(MemoryNodeState.SERVING);
        awaitNode(witness, NAME, MemoryNodeState.SERVING);
        letLeasesEnd(witness);
        assertThat(witness.view().memoryNode(NAME)).contains(young.entry());
        assertThat(young.state()).isEqualTo(Registration.State.ACTIVE);
    }

    @Test
    void sameNodeCanBeRegisteredOnceOnly() {
        Coordination coordination = join();
        coordination.registerMemoryNode(node(NAME, 1, 1));

        assertThatThrownBy(() -> coordination.registerMemoryNode(node(NAME, 1, 1)))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining(NAME);
    }
}
