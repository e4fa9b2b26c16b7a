package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.BlockKeys;
import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.api.InvalidConfiguration;
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
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What tools that read metadata do when an owner has written nonsense over it. */
@Timeout(60)
class ShmScribbledMetadataTest {
    private static final int SECTIONS = 2;
    private static final int ROUNDS = 300;
    private static final MetadataLayout LAYOUT = MetadataLayout.of(SECTIONS, 64);

    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** S19. */
    @Test
    void auditAndInspectionOfAnyMetadataEndWithAReport() {
        long seed = Long.getLong("finemem.seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int reported = 0;
        try (Transport transport = new ShmTransportProvider().open(TransportSettings.empty());
                Pool pool = new Pool(transport, Isolation.DIRECT, Duration.ofSeconds(60), SECTIONS * Pool.SECTION)) {
            FineMemAllocator owner = pool.owner();
            owner.allocateAll(4096, 40);
            owner.allocate(1 << 20);
            MemoryNode node = pool.node(0);
            assertThat(node.audit().violations()).isEmpty();
            try (ProtectionDomain domain = transport.newDomain()) {
                MemoryNodeControl session = node.newSession("scribe");
                session.register();
                Connection connection = domain.newConnection(new ConnectionOptions("scribe", 1, Set.of()));
                connection.connect(session.connect(ConnectionPurpose.METADATA, connection.descriptor())
                        .descriptor());
                Chain chain = connection.newChain(1);
                for (int round = 0; round < ROUNDS; round++) {
                    int count = 1 + random.nextInt(16);
                    long[] places = LongStream.generate(() -> place(random))
                            .limit(count)
                            .distinct()
                            .toArray();
                    long[] before = new long[places.length];
                    for (int i = 0; i < places.length; i++) {
                        before[i] = exchange(chain, node.describe(), places[i], random.nextLong());
                    }
                    AuditReport report = node.audit();
                    reported += report.violations().isEmpty() ? 0 : 1;
                    assertThat(node.inspect().usedChunks()).as("seed %d", seed).isNotNegative();
                    for (int i = places.length - 1; i >= 0; i--) {
                        exchange(chain, node.describe(), places[i], before[i]);
                    }
                }
                connection.close();
                session.close();
            }
            assertThat(node.audit().violations()).as("seed %d", seed).isEmpty();
        }
        assertThat(reported).as("seed %d", seed).isGreaterThan(ROUNDS / 2);
    }

    /** Number of a word that means something. */
    private static long place(SplittableRandom random) {
        long offset =
                switch (random.nextInt(4)) {
                    case 0 -> LAYOUT.sectionWord(random.nextInt(SECTIONS));
                    case 1 -> LAYOUT.spanHeader(random.nextInt(LAYOUT.spans()));
                    case 2 -> LAYOUT.journalSlot(random.nextInt(2 * LAYOUT.segmentSlots()));
                    default -> random.nextLong(LAYOUT.bytes() / Long.BYTES) * Long.BYTES;
                };
        return offset / Long.BYTES;
    }

    private static long exchange(Chain chain, PoolDescription node, long word, long value) {
        long address = node.metadataAddress() + word * Long.BYTES;
        chain.clear().readWord(address, node.metadataRkey());
        assertThat(chain.connection().execute(chain, TIMEOUT_NANOS)).isEqualTo(CompletionStatus.SUCCESS);
        long before = chain.word(0);
        chain.clear().writeWord(address, node.metadataRkey(), value);
        assertThat(chain.connection().execute(chain, TIMEOUT_NANOS)).isEqualTo(CompletionStatus.SUCCESS);
        return before;
    }

    @Test
    void keysByRegionsAreRefusedWhereATransportCannotMakeThem() {
        MemoryNodeOptions options = MemoryNodeOptions.of("mn0", 2 << 20).withBlockKeys(BlockKeys.REGIONS);
        try (Transport transport = new ShmTransportProvider().open(TransportSettings.empty())) {
            Assertions.assertThatThrownBy(() -> MemoryNode.open(transport, options))
                    .isInstanceOf(InvalidConfiguration.class)
                    .hasMessageContaining("use block keys by windows");
            Assertions.assertThatThrownBy(() -> options.withIsolation(Isolation.DIRECT))
                    .isInstanceOf(InvalidConfiguration.class)
                    .hasMessageContaining("block keys by regions need isolation strict");
        }
    }
}
