package io.finemem.tck.coordination;

import static org.awaitility.Awaitility.await;

import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.MemoryNodeEntry;
import io.finemem.spi.coordination.MemoryNodeState;
import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerState;
import io.finemem.spi.settings.NetworkAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** What the contract classes share: one fixture per test, participants that are closed afterwards. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
abstract class CoordinationContract<F extends CoordinationFixture> {
    /** Bound of every wait for something that must happen; reached only by a failing test. */
    static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final long CAPACITY = 64L << 20;
    private static final Duration POLL = Duration.ofMillis(5);

    private final List<Coordination> participants = new ArrayList<>();
    private @Nullable F fixture;

    CoordinationContract() {}

    /** A new, empty directory. */
    protected abstract F newFixture() throws Exception;

    @BeforeEach
    final void setUp() throws Exception {
        fixture = newFixture();
    }

    @AfterEach
    final void tearDown() {
        try {
            participants.forEach(Coordination::close);
        } finally {
            fixture().close();
        }
    }

    final F fixture() {
        return Objects.requireNonNull(fixture, "the fixture could not be made");
    }

    /** Another participant, closed after the test. */
    final Coordination join() {
        Coordination participant = fixture().open();
        participants.add(participant);
        return participant;
    }

    static MemoryNodeEntry node(String name, int port, long bootNonce) {
        NetworkAddress address = new NetworkAddress("mn.example", port);
        return new MemoryNodeEntry(name, address, bootNonce, "shm", CAPACITY, MemoryNodeState.JOINING);
    }

    static ConditionFactory eventually(String what) {
        return await(what).atMost(PATIENCE).pollInterval(POLL);
    }

    static Optional<MemoryNodeState> stateOf(Coordination seenBy, String memoryNode) {
        return seenBy.view().memoryNode(memoryNode).map(MemoryNodeEntry::state);
    }

    static void awaitNode(Coordination seenBy, String memoryNode, MemoryNodeState state) {
        eventually(memoryNode + " is seen " + state)
                .until(() -> stateOf(seenBy, memoryNode).equals(Optional.of(state)));
    }

    static void awaitOwner(Coordination seenBy, OwnerIdentity owner, OwnerState state) {
        eventually(owner + " is seen " + state)
                .until(() -> seenBy.view().ownerState(owner).equals(Optional.of(state)));
    }

    /** Waits until several leases have passed by the directory's judgement: until a vanished owner is suspected. */
    final void letLeasesEnd(Coordination witness) {
        Coordination mayfly = fixture().open();
        OwnerIdentity owner = mayfly.registerOwner("mayfly").identity();
        awaitOwner(witness, owner, OwnerState.LIVE);
        fixture().vanish(mayfly);
        awaitOwner(witness, owner, OwnerState.SUSPECT);
    }
}
