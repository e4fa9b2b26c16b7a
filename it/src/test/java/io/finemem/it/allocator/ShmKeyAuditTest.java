package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A defect that stores a wrong rkey in the table of a strict pool is found by the audit (I6). */
class ShmKeyAuditTest {
    private static final int SECTIONS = 2;
    private static final int MAX_OWNERS = 64;
    private static final int CHUNK_NODE = 32;
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(20);

    @Test
    void rkeyThatIsNotThatOfItsWindowIsReportedWithItsBlockUntilItIsRight() {
        MetadataLayout layout = MetadataLayout.strict(SECTIONS, MAX_OWNERS);
        try (Transport transport = new ShmTransportProvider().open(TransportSettings.empty());
                Pool pool = new Pool(transport, Isolation.STRICT, Duration.ofSeconds(60), SECTIONS * Pool.SECTION)) {
            assertThat(pool.node(0).audit().violations()).isEmpty();
            Chain chain = metadataChain(transport, pool);
            // Span 1, chunk 0; and the second half of section 1.
            long ofChunk = layout.capability(1, CHUNK_NODE);
            long ofSpans = layout.spanCapability(1, 3);

            long chunkBefore = flip(pool, chain, ofChunk, CHUNK_NODE);
            assertThat(pool.node(0).audit().violations())
                    .containsExactly(
                            "I6: the table does not hold the rkey of the block of 4096 bytes at heap offset 131072");
            long spansBefore = flip(pool, chain, ofSpans, 3);
            assertThat(pool.node(0).audit().violations())
                    .hasSize(2)
                    .last()
                    .asString()
                    .startsWith(
                            "I6: the table does not hold the rkey of the block of 1048576 bytes at heap offset 3145728");

            write(pool, chain, ofChunk, chunkBefore);
            write(pool, chain, ofSpans, spansBefore);
            assertThat(pool.node(0).audit().violations()).isEmpty();
        }
    }

    private static Chain metadataChain(Transport transport, Pool pool) {
        MemoryNodeControl session = pool.node(0).newSession("scribe");
        session.register();
        ProtectionDomain domain = transport.newDomain();
        Connection connection = domain.newConnection(new ConnectionOptions("scribe", 1, Set.of()));
        connection.connect(session.connect(ConnectionPurpose.METADATA, connection.descriptor())
                .descriptor());
        return connection.newChain(1);
    }

    /** Changes one bit of a node's rkey; the word before. */
    private static long flip(Pool pool, Chain chain, long offset, int node) {
        PoolDescription described = pool.node(0).describe();
        chain.clear().readWord(described.metadataAddress() + offset, described.metadataRkey());
        execute(chain);
        long before = chain.word(0);
        write(pool, chain, offset, CapabilityWord.with(before, node, CapabilityWord.rkey(before, node) ^ 1));
        return before;
    }

    private static void write(Pool pool, Chain chain, long offset, long word) {
        PoolDescription described = pool.node(0).describe();
        chain.clear().writeWord(described.metadataAddress() + offset, described.metadataRkey(), word);
        execute(chain);
    }

    private static void execute(Chain chain) {
        assertThat(chain.connection().execute(chain, TIMEOUT_NANOS)).isEqualTo(CompletionStatus.SUCCESS);
    }
}
