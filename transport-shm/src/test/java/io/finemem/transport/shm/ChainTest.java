package io.finemem.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.Operation;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChainTest {
    private static final long BYTES = 4096;

    @TempDir
    private Path directory;

    private TwoNodes nodes;
    private MemoryRegion remote;
    private Chain chain;

    @BeforeEach
    void open() {
        nodes = new TwoNodes(directory);
        remote = nodes.region(BYTES);
        chain = nodes.client().newChain(8);
    }

    @AfterEach
    void close() {
        nodes.close();
    }

    @Test
    void elementsExecuteInOrderOnThePeersMemory() {
        chain.writeWord(remote.address(), remote.rkey(), 5);
        chain.compareAndSwap(remote.address(), remote.rkey(), 5, 7);
        chain.compareAndSwap(remote.address(), remote.rkey(), 5, 9);
        chain.fetchAdd(remote.address(), remote.rkey(), 10);
        chain.readWord(remote.address(), remote.rkey());
        assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.SUCCESS);
        assertThat(chain.word(1)).isEqualTo(5);
        assertThat(chain.word(2)).isEqualTo(7);
        assertThat(chain.word(3)).isEqualTo(7);
        assertThat(chain.word(4)).isEqualTo(17);
        assertThat(remote.getWord(0)).isEqualTo(17);
        assertThatThrownBy(() -> chain.word(0)).isInstanceOf(InvalidRequest.class);
    }

    @Test
    void aFullChainOrAForeignRegionIsRefusedAndChangesNothing() {
        MemoryRegion foreign = nodes.memoryNode().newDomain().allocate(BYTES, Set.of());
        assertThatThrownBy(() -> chain.read(remote.address(), remote.rkey(), foreign, 0, 8))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("connection's domain");
        MemoryRegion local = nodes.own().allocate(16, Set.of());
        assertThatThrownBy(() -> chain.read(remote.address(), remote.rkey(), local, 9, 8))
                .hasMessageContaining("leaves the region");
        assertThatThrownBy(() -> chain.readWord(remote.address() + 4, remote.rkey()))
                .hasMessageContaining("multiple of 8");
        assertThat(chain.size()).isZero();
        for (int i = 0; i < chain.capacity(); i++) {
            chain.readWord(remote.address(), remote.rkey());
        }
        assertThatThrownBy(() -> chain.readWord(remote.address(), remote.rkey()))
                .hasMessageContaining("full");
    }

    @Test
    void anElementOutOfBoundsFailsTheConnectionAndNothingOfItExecutes() {
        MemoryRegion local = nodes.own().allocate(32, Set.of());
        local.fill(0, 32, (byte) 7);
        chain.writeWord(remote.address(), remote.rkey(), 1);
        chain.write(remote.address() + BYTES - 16, remote.rkey(), local, 0, 17);
        chain.writeWord(remote.address() + 8, remote.rkey(), 2);
        assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.REMOTE_ACCESS_ERROR);
        assertThat(chain.failedElement()).isEqualTo(1);
        assertThat(remote.getWord(0)).isEqualTo(1);
        assertThat(remote.getWord(8)).isZero();
        assertThat(remote.getWord(BYTES - 16)).isZero();
        assertThat(nodes.client().state()).isEqualTo(ConnectionState.ERROR);
        assertThat(nodes.server().state()).isEqualTo(ConnectionState.ERROR);
        assertThatThrownBy(
                        () -> nodes.client().submit(chain.clear().connection().newChain(1)))
                .isInstanceOf(InvalidRequest.class);
        chain.readWord(remote.address(), remote.rkey());
        assertThatThrownBy(() -> nodes.client().submit(chain)).isInstanceOf(ConnectionLost.class);
        assertThat(chain.status()).isEqualTo(CompletionStatus.IDLE);
    }

    @Test
    void addressesThatWrapAroundAreOutOfBounds() {
        assertThat(nodes.read(remote.address() + Long.MIN_VALUE, remote.rkey()))
                .isEqualTo(CompletionStatus.REMOTE_ACCESS_ERROR);
    }

    @Test
    void theRightsOfRegionAndConnectionBothCount() {
        MemoryRegion readable = nodes.served().allocate(64, Set.of(Access.REMOTE_READ));
        assertThat(nodes.read(readable.address(), readable.rkey())).isEqualTo(CompletionStatus.SUCCESS);
        chain.fetchAdd(readable.address(), readable.rkey(), 1);
        assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.REMOTE_ACCESS_ERROR);

        ConnectionOptions writeOnly = ConnectionOptions.of("peer").withServedAccess(Set.of(Access.REMOTE_WRITE));
        Connection client =
                Fixture.connect(nodes.own(), nodes.served(), writeOnly).client();
        Chain write = client.newChain(2);
        write.writeWord(remote.address(), remote.rkey(), 3);
        assertThat(Fixture.execute(write)).isEqualTo(CompletionStatus.SUCCESS);
        write.clear().readWord(remote.address(), remote.rkey());
        assertThat(Fixture.execute(write)).isEqualTo(CompletionStatus.REMOTE_ACCESS_ERROR);
    }

    @Test
    void aRegionWithBindRightOnlyHasNoKey() {
        MemoryRegion bindable = nodes.served().allocate(64, Set.of(Access.WINDOW_BIND));
        assertThat(bindable.rkey()).isZero();
        assertThat(nodes.read(bindable.address(), 0)).isEqualTo(CompletionStatus.REMOTE_ACCESS_ERROR);
    }

    @Test
    void chainsThatWaitForThePeerAreFlushedAfterAnError() {
        Connection server = nodes.served().newConnection(ConnectionOptions.of("late"));
        Connection client = nodes.own().newConnection(ConnectionOptions.of("late"));
        client.connect(server.descriptor());
        Chain bad = client.newChain(1);
        bad.readWord(remote.address(), remote.rkey() + 1);
        Chain later = client.newChain(1);
        later.writeWord(remote.address(), remote.rkey(), 9);
        client.submit(bad);
        client.submit(later);
        assertThat(client.poll()).isNull();
        assertThat(client.chainsInFlight()).isEqualTo(2);
        server.connect(client.descriptor());
        assertThat(client.poll()).isSameAs(bad);
        assertThat(client.poll()).isSameAs(later);
        assertThat(bad.status()).isEqualTo(CompletionStatus.REMOTE_ACCESS_ERROR);
        assertThat(later.status()).isEqualTo(CompletionStatus.FLUSHED);
        assertThat(remote.getWord(0)).isZero();
        assertThat(client.poll()).isNull();
    }

    @Test
    void roomIsCountedInElementsUntilTheyArePolled() {
        Connection client = Fixture.connect(
                        nodes.own(),
                        nodes.served(),
                        ConnectionOptions.of("peer").withMaxElementsInFlight(3))
                .client();
        Chain two = client.newChain(2);
        two.fetchAdd(remote.address(), remote.rkey(), 1);
        two.fetchAdd(remote.address(), remote.rkey(), 1);
        Chain another = client.newChain(2);
        another.fetchAdd(remote.address(), remote.rkey(), 1);
        another.fetchAdd(remote.address(), remote.rkey(), 1);
        client.submit(two);
        assertThatThrownBy(() -> client.submit(two)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> client.submit(another)).isInstanceOf(OutOfLocalResources.class);
        assertThat(client.poll()).isSameAs(two);
        client.submit(another);
        assertThat(client.poll()).isSameAs(another);
        assertThat(remote.getWord(0)).isEqualTo(4);
        assertThat(client.counters().posted(Operation.FETCH_ADD)).isEqualTo(4);
        assertThat(client.counters().doorbells()).isEqualTo(2);
    }

    @Test
    void aChainOnAClosedPeerEndsUnreachable() {
        nodes.server().close();
        assertThat(nodes.read(remote.address(), remote.rkey())).isEqualTo(CompletionStatus.PEER_UNREACHABLE);
        assertThat(nodes.client().state()).isEqualTo(ConnectionState.ERROR);
    }

    @Test
    void anEndConnectedToItselfWorks() {
        Connection loop = nodes.served().newConnection(ConnectionOptions.of("self"));
        loop.connect(loop.descriptor());
        Chain add = loop.newChain(1);
        add.fetchAdd(remote.address(), remote.rkey(), 4);
        assertThat(Fixture.execute(add)).isEqualTo(CompletionStatus.SUCCESS);
        assertThat(remote.getWord(0)).isEqualTo(4);
    }
}
