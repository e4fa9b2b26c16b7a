package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.control.ResumableGrant;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.control.ResumedGrant;
import io.finemem.allocator.driver.ChainDriver;
import io.finemem.allocator.driver.CostMeter;
import io.finemem.allocator.layout.Superblock;
import io.finemem.api.AuthenticationFailed;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.OwnerFenced;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A memory node keeps an owner whose session ended for another session that shows its token. */
class ShmResumeTest {
    private static final Duration LEASE = Duration.ofSeconds(30);

    private static final long TIMEOUT_NANOS = 10_000_000_000L;

    private final Transport transport = new ShmTransportProvider().open(TransportSettings.empty());

    @AfterEach
    void close() {
        transport.close();
    }

    @Test
    void sessionWithTheTokenGetsTheOwnerAndAllItsJournalSegments() {
        try (Pool pool = new Pool(transport, LEASE, Pool.SECTION)) {
            MemoryNodeControl first = pool.node(0).newSession("first");
            ResumableGrant grant = first.registerResumable();
            var grown = first.growJournal();
            first.close();

            MemoryNodeControl second = pool.node(0).newSession("second");
            ResumedGrant resumed = second.resume(grant.grant().ownerId(), grant.token());

            assertThat(resumed.incarnation()).isEqualTo(2);
            assertThat(resumed.journal())
                    .containsExactlyInAnyOrder(grant.grant().journal(), grown);
            assertThat(resumed.undecided()).isEmpty();
            assertThat(second.heartbeat(0).settleRequested()).isZero();
            second.leave();
            pool.awaitOwners(0);
        }
    }

    @Test
    void nothingThatIsPostedOnAMetadataConnectionOfAnEarlierSessionExecutes() {
        try (Pool pool = new Pool(transport, LEASE, Pool.SECTION);
                ProtectionDomain domain = transport.newDomain()) {
            MemoryNodeControl first = pool.node(0).newSession("first");
            ResumableGrant grant = first.registerResumable();
            try (ChainDriver driver = metadata(domain, first)) {
                driver.readWords(0, Superblock.WORDS);
                MemoryNodeControl second = pool.node(0).newSession("second");
                second.resume(grant.grant().ownerId(), grant.token());

                assertThatThrownBy(() -> driver.readWords(0, Superblock.WORDS)).isInstanceOf(ConnectionLost.class);
            }
        }
    }

    @Test
    void sessionThatWasTakenOverCanDoNothingMoreAndItsEndChangesNothing() {
        try (Pool pool = new Pool(transport, LEASE, Pool.SECTION)) {
            MemoryNodeControl first = pool.node(0).newSession("first");
            ResumableGrant grant = first.registerResumable();
            MemoryNodeControl second = pool.node(0).newSession("second");
            second.resume(grant.grant().ownerId(), grant.token());

            assertThatThrownBy(() -> first.heartbeat(0)).isInstanceOf(OwnerFenced.class);
            assertThatThrownBy(first::growJournal).isInstanceOf(OwnerFenced.class);
            assertThatThrownBy(first::leave).isInstanceOf(OwnerFenced.class);
            first.close();
            assertThat(second.heartbeat(0).settleRequested()).isZero();
            assertThatThrownBy(() -> second.resume(grant.grant().ownerId(), grant.token()))
                    .isInstanceOf(InvalidRequest.class);
        }
    }

    @Test
    void wrongTokenIsRefusedAndTheRightOneIsStillTaken() {
        try (Pool pool = new Pool(transport, LEASE, Pool.SECTION)) {
            MemoryNodeControl first = pool.node(0).newSession("first");
            ResumableGrant grant = first.registerResumable();
            int id = grant.grant().ownerId();
            first.close();
            MemoryNodeControl second = pool.node(0).newSession("second");

            assertThatThrownBy(() -> second.resume(id, ResumeToken.random())).isInstanceOf(AuthenticationFailed.class);
            assertThatThrownBy(() -> second.resume(id + 1, grant.token())).isInstanceOf(OwnerFenced.class);
            assertThat(second.resume(id, grant.token()).ownerId()).isEqualTo(id);
        }
    }

    @Test
    void ownerIsRecoveredIfNobodyResumesItWithinItsLease() {
        try (Pool pool = new Pool(transport, Duration.ofMillis(300), Pool.SECTION)) {
            MemoryNodeControl first = pool.node(0).newSession("first");
            ResumableGrant grant = first.registerResumable();
            first.close();
            assertThat(pool.node(0).audit().owners()).isEqualTo(1);

            pool.awaitOwners(0);
            MemoryNodeControl second = pool.node(0).newSession("second");
            assertThatThrownBy(() -> second.resume(grant.grant().ownerId(), grant.token()))
                    .isInstanceOf(OwnerFenced.class);
        }
    }

    @Test
    void memoryNodeClosesWhileAnOwnerIsAwaited() {
        Pool pool = new Pool(transport, LEASE, Pool.SECTION);
        MemoryNodeControl first = pool.node(0).newSession("first");
        ResumableGrant grant = first.registerResumable();
        first.close();
        MemoryNodeControl second = pool.node(0).newSession("second");
        pool.close();

        assertThatThrownBy(() -> second.resume(grant.grant().ownerId(), grant.token()))
                .isInstanceOf(MemoryClosed.class);
    }

    private static ChainDriver metadata(ProtectionDomain domain, MemoryNodeControl session) {
        PoolDescription pool = session.describe();
        Connection connection =
                domain.newConnection(new ConnectionOptions("resume test", ChainDriver.ELEMENTS_IN_FLIGHT, Set.of()));
        connection.connect(session.connect(ConnectionPurpose.METADATA, connection.descriptor())
                .descriptor());
        return new ChainDriver(
                connection,
                domain.allocate(ChainDriver.bulkBytes(), Set.of()),
                pool.metadataAddress(),
                pool.metadataRkey(),
                TIMEOUT_NANOS,
                new CostMeter());
    }
}
