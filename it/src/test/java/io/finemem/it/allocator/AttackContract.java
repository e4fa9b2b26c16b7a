package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.BlockKeys;
import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.api.BlockHandle;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a tenant tries with a data connection of its own, strict isolation, and keys that are not its. It posts what it likes: no
 * library of this project is in its way.
 */
abstract class AttackContract extends PoolContract {
    private static final int CHUNK = 4096;
    private static final int SECTIONS = 2;
    private static final int MAX_OWNERS = 64;
    private static final int SPAN_NODES = 64;
    private static final int SECTION_NODES = 32;
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long POOL_BYTES = SECTIONS * Pool.SECTION;

    private FineMemAllocator victim;
    private RemoteBlock own;
    private RemoteBlock foreign;
    private KeyProbe attacker;

    abstract BlockKeys blockKeys();

    /** How many keys on each side of one that is known are tried, and as many at random. */
    abstract int forgeries();

    /** Whether a block's key opens nothing but the block. */
    private boolean bounded() {
        return blockKeys() == BlockKeys.REGIONS || transport.capabilities().windowBoundsEnforced();
    }

    @AfterEach
    void closeAttacker() {
        if (attacker != null) {
            attacker.close();
            attacker = null;
        }
    }

    /** The attacker holds a block, the victim the one behind it, full of what nobody may change. */
    private void begin() {
        pool = new Pool(
                transport, options -> options.withIsolation(Isolation.STRICT).withBlockKeys(blockKeys()), POOL_BYTES);
        victim = pool.owner();
        own = victim.allocate(CHUNK);
        foreign = victim.allocate(CHUNK);
        assertThat(foreign.handle().address()).isEqualTo(own.handle().address() + CHUNK);
        mark(foreign);
        attacker = new KeyProbe(transport, pool.node(0));
    }

    private static void mark(RemoteBlock block) {
        ByteBuffer bytes = ByteBuffer.allocate(CHUNK);
        while (bytes.hasRemaining()) {
            bytes.putLong(block.handle().address());
        }
        block.write(0, bytes.flip());
    }

    private static void assertUntouched(RemoteBlock block) {
        ByteBuffer bytes = ByteBuffer.allocate(CHUNK);
        block.read(0, bytes);
        for (bytes.flip(); bytes.hasRemaining(); ) {
            assertThat(bytes.getLong()).isEqualTo(block.handle().address());
        }
    }

    /** Every kind of access to a word. */
    private static List<Consumer<Chain>> accesses(long address, int rkey, MemoryRegion local) {
        return List.of(
                chain -> chain.read(address, rkey, local, 0, Long.BYTES),
                chain -> chain.write(address, rkey, local, 0, Long.BYTES),
                chain -> chain.readWord(address, rkey),
                chain -> chain.writeWord(address, rkey, 1),
                chain -> chain.compareAndSwap(address, rkey, address, 1),
                chain -> chain.fetchAdd(address, rkey, 1));
    }

    private void assertRefused(List<Consumer<Chain>> tried) {
        for (int i = 0; i < tried.size(); i++) {
            assertThat(attacker.executes(tried.get(i))).as("access %d", i).isFalse();
        }
    }

    /** S1. */
    @Test
    void forgedKeyOpensABlockOnlyIfItIsOneThatTheMemoryNodeHasMade() {
        long seed = Long.getLong("finemem.seed", System.nanoTime());
        System.out.println("seed " + seed);
        begin();
        int mine = own.handle().rkey();
        Set<Integer> forged = new HashSet<>();
        for (int low = 0; low < 256; low++) {
            forged.add(mine & ~255 | low);
        }
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 1; i <= forgeries(); i++) {
            forged.addAll(List.of(mine + i, mine - i, mine + (i << 8), mine - (i << 8), random.nextInt()));
        }
        forged.remove(mine);
        Set<Integer> made = bounded() ? keysOver(foreign.handle().address()) : allKeys();
        int hits = 0;
        for (int key : forged) {
            if (attacker.opens(foreign.handle().address(), key)) {
                hits++;
                assertThat(made).as("seed %d, key %x", seed, key).contains(key);
            }
        }
        System.out.printf("%d of %d forged keys were the key of a block%n", hits, forged.size());
        assertUntouched(foreign);
    }

    /** All rkeys of the pool. */
    private Set<Integer> allKeys() {
        return keys(0, POOL_BYTES);
    }

    /** The rkeys of blocks of all lengths that hold the address. */
    private Set<Integer> keysOver(long address) {
        long offset = address - pool.node(0).describe().heapAddress();
        return keys(offset, offset + 1);
    }

    private Set<Integer> keys(long from, long to) {
        Set<Integer> keys = new HashSet<>();
        MetadataLayout layout = MetadataLayout.strict(SECTIONS, MAX_OWNERS);
        try (Metadata metadata = new Metadata()) {
            for (int span = 0; span < layout.spans(); span++) {
                for (int node = 2; node < SPAN_NODES; node++) {
                    if (overlaps(span * 32L * CHUNK, 32L * CHUNK, node, from, to)) {
                        keys.add(metadata.key(layout.capability(span, node), node));
                    }
                }
            }
            for (int section = 0; section < SECTIONS; section++) {
                for (int node = 1; node < SECTION_NODES; node++) {
                    if (overlaps(section * Pool.SECTION, Pool.SECTION, node, from, to)) {
                        keys.add(metadata.key(layout.spanCapability(section, node), node));
                    }
                }
            }
        }
        return keys;
    }

    /** Whether a node of the tree over a range shares a byte with another range. */
    private static boolean overlaps(long offset, long bytes, int node, long from, long to) {
        long nodesOfItsLevel = Integer.highestOneBit(node);
        long length = bytes / nodesOfItsLevel;
        long first = offset + (node - nodesOfItsLevel) * length;
        return first < to && from < first + length;
    }

    /** Reads the table of rkeys as an owner does. */
    private final class Metadata implements AutoCloseable {
        private final ProtectionDomain domain = transport.newDomain();
        private final MemoryNodeControl session = pool.node(0).newSession("reader");
        private final PoolDescription described = session.describe();
        private final Connection connection = domain.newConnection(new ConnectionOptions("reader", 1, Set.of()));
        private final Chain chain;

        Metadata() {
            session.register();
            connection.connect(session.connect(ConnectionPurpose.METADATA, connection.descriptor())
                    .descriptor());
            chain = connection.newChain(1);
        }

        int key(long offset, int node) {
            chain.clear().readWord(described.metadataAddress() + offset, described.metadataRkey());
            assertThat(connection.execute(chain, TIMEOUT_NANOS)).isEqualTo(CompletionStatus.SUCCESS);
            return CapabilityWord.rkey(chain.word(0), node);
        }

        @Override
        public void close() {
            connection.close();
            session.close();
            domain.close();
        }
    }

    /** S3. On a device that does not look at the bounds of windows the test says so, and fails when that changes. */
    @Test
    void keyOfABlockOpensNoByteBeforeOrBehindIt() {
        begin();
        BlockHandle mine = own.handle();
        long heap = pool.node(0).describe().heapAddress();
        try (MemoryRegion local = attacker.local(CHUNK)) {
            assertThat(attacker.executes(chain -> chain.read(mine.address(), mine.rkey(), local, 0, CHUNK)))
                    .isTrue();
            for (long outsideTheHeap : new long[] {heap - 8, heap + POOL_BYTES, heap + POOL_BYTES - 4, -8L, -4L}) {
                assertThat(attacker.executes(chain -> chain.read(outsideTheHeap, mine.rkey(), local, 0, 8)))
                        .as("address %x", outsideTheHeap)
                        .isFalse();
            }
            for (long address : new long[] {mine.address() + CHUNK, mine.address() + CHUNK - 4}) {
                assertThat(attacker.executes(chain -> chain.read(address, mine.rkey(), local, 0, 8)))
                        .as("a read at %x", address)
                        .isEqualTo(!bounded());
            }
            if (bounded()) {
                assertRefused(accesses(foreign.handle().address(), mine.rkey(), local));
            }
        }
        assertUntouched(foreign);
    }

    /** S4. */
    @Test
    void trueKeyOfTheMetadataOpensNothingOnADataConnection() {
        begin();
        PoolDescription node = pool.node(0).describe();
        try (MemoryRegion local = attacker.local(CHUNK)) {
            assertRefused(accesses(node.metadataAddress(), node.metadataRkey(), local));
            assertRefused(accesses(foreign.handle().address(), node.metadataRkey(), local));
        }
        assertUntouched(foreign);
        victim.allocate(CHUNK);
        assertThat(pool.auditedChunks()).isEqualTo(3);
    }

    /** S2: what the allocation bar asks for, whatever the former holder posts. */
    @Test
    void formerHolderNeitherReadsNorChangesWhatTheNextHolderHas() {
        begin();
        foreign.close();
        own.close();
        pool.awaitRevocations();
        try (MemoryRegion local = attacker.local(CHUNK)) {
            for (int round = 0; round < 20; round++) {
                RemoteBlock before = victim.allocate(CHUNK);
                BlockHandle old = before.handle();
                assertThat(attacker.opens(old.address(), old.rkey())).isTrue();
                before.close();
                pool.awaitRevocations();
                RemoteBlock next = victim.allocate(CHUNK);
                assertThat(next.handle().address()).isEqualTo(old.address());
                mark(next);
                assertRefused(accesses(old.address(), old.rkey(), local));
                assertUntouched(next);
                next.close();
                pool.awaitRevocations();
            }
        }
        assertThat(pool.auditedChunks()).isZero();
    }

    /** S11. */
    @Test
    void stormOfRefusedAccessesDisturbsNobodyElse() throws Exception {
        begin();
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Long> work = CompletableFuture.supplyAsync(() -> {
            long rounds = 0;
            for (; !stop.get(); rounds++) {
                assertUntouched(foreign);
                victim.allocate(CHUNK).close();
            }
            return rounds;
        });
        int wrong = own.handle().rkey() ^ 1;
        for (int i = 0; i < forgeries(); i++) {
            assertThat(attacker.opens(own.handle().address(), wrong)).isFalse();
        }
        stop.set(true);
        assertThat(work.get(30, TimeUnit.SECONDS)).isPositive();
        assertUntouched(foreign);
        assertThat(pool.auditedChunks()).isEqualTo(2);
    }
}
