package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.layout.Superblock;
import io.finemem.api.BlockHandle;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.OwnerFenced;
import io.finemem.api.ProtocolViolation;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ProtectionDomain;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a caller, or a broken memory node, can do wrong: a typed exception each, and the pool is as it was: after each case it
 * is audited, and the block of a bystander still holds what was written.
 */
abstract class BadInputContract extends PoolContract {
    private static final int CHUNK = 4096;
    private static final long MARK = 0x0123_4567_89ab_cdefL;
    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private RemoteBlock bystander;
    private List<FragileSession> sessions;
    private FineMemAllocator memory;
    private RemoteBlock block;

    @BeforeEach
    void openPool() {
        pool(LEASE, 2 * Pool.SECTION);
        bystander = pool.owner().allocate(CHUNK);
        bystander.compareAndSwap(0, 0, MARK);
        sessions = pool.sessions();
        memory = pool.owner(AllocatorOptions.defaults().withWorkers(1), sessions);
        block = memory.allocate(8 * CHUNK);
    }

    /** So many chunks of the offender are in use, and the bystander's one. */
    private void assertUnharmed(long chunks) {
        assertThat(pool.auditedChunks()).isEqualTo(chunks + 1);
        assertThat(bystander.fetchAdd(0, 0)).isEqualTo(MARK);
    }

    private void assertRefused(Class<? extends FineMemException> type, ThrowingCallable call, long chunks) {
        assertThatThrownBy(call).isExactlyInstanceOf(type);
        assertUnharmed(chunks);
    }

    @Test
    void freeTwiceIsRefusedAndClosingTwiceDoesNothing() {
        memory.free(block);
        RemoteBlock next = memory.allocate(8 * CHUNK);
        assertRefused(InvalidRequest.class, () -> memory.free(block), 8);
        block.close();
        assertUnharmed(8);
        memory.free(next);
        assertUnharmed(0);
    }

    @Test
    void freeOfAnotherOwnersBlockIsRefused() {
        assertRefused(InvalidRequest.class, () -> memory.free(bystander), 8);
    }

    @Test
    void freeOfABlockOfAnEarlierIncarnationIsRefused() {
        memory.close();
        FineMemAllocator again = pool.owner();
        RemoteBlock samePlace = again.allocate(8 * CHUNK);
        assertRefused(InvalidRequest.class, () -> again.free(block), 8);
        again.free(samePlace);
        assertUnharmed(0);
    }

    @Test
    void freeOfAHandleThatSomebodyElseMadeIsRefused() {
        assertRefused(InvalidRequest.class, () -> memory.free(madeUp(block, 0)), 8);
    }

    @Test
    void freeOfAnInteriorAddressIsRefused() {
        assertRefused(InvalidRequest.class, () -> memory.free(madeUp(block, CHUNK)), 8);
        assertRefused(InvalidRequest.class, () -> memory.free(madeUp(block, 7)), 8);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, 2 * Pool.SECTION + 1, Long.MAX_VALUE})
    void sizeThatNoBlockCanHaveIsRefused(long bytes) {
        assertRefused(InvalidRequest.class, () -> memory.allocate(bytes), 8);
    }

    /** A use of a block; of several kinds. */
    interface Use {
        void of(RemoteBlock block);
    }

    static Stream<Arguments> uses() {
        return Stream.of(
                use("read", block -> block.read(0, ByteBuffer.allocate(8))),
                use("write", block -> block.write(0, ByteBuffer.allocate(8))),
                use("compareAndSwap", block -> block.compareAndSwap(0, 0, 1)),
                use("fetchAdd", block -> block.fetchAdd(0, 1)));
    }

    private static Arguments use(String name, Use use) {
        return Arguments.of(name, use);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("uses")
    void useAfterFreeIsRefusedAndTheNextHolderSeesNothingOfIt(String name, Use use) {
        block.close();
        pool.awaitRevocations();
        RemoteBlock next = memory.allocate(8 * CHUNK);
        long before = next.fetchAdd(0, 0);
        assertRefused(InvalidRequest.class, () -> use.of(block), 8);
        assertThat(next.fetchAdd(0, 0)).isEqualTo(before);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("uses")
    void useAfterCloseOfItsMemoryIsRefused(String name, Use use) {
        memory.close();
        assertThatThrownBy(() -> use.of(block)).isInstanceOfAny(MemoryClosed.class, InvalidRequest.class);
        assertUnharmed(0);
    }

    @Test
    void allocationAndFreeAfterCloseAreRefused() {
        memory.close();
        assertRefused(MemoryClosed.class, () -> memory.allocate(CHUNK), 0);
        assertThatThrownBy(() -> memory.free(block)).isInstanceOfAny(MemoryClosed.class, InvalidRequest.class);
        assertUnharmed(0);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, -8, 8 * CHUNK - 7, 8 * CHUNK, Long.MAX_VALUE, Long.MIN_VALUE})
    void rangeThatLeavesTheBlockIsRefused(long offset) {
        assertRefused(InvalidRequest.class, () -> block.read(offset, ByteBuffer.allocate(8)), 8);
        assertRefused(InvalidRequest.class, () -> block.write(offset, ByteBuffer.allocate(8)), 8);
        assertRefused(InvalidRequest.class, () -> block.fetchAdd(offset, 1), 8);
        assertRefused(InvalidRequest.class, () -> block.compareAndSwap(offset, 0, 1), 8);
    }

    @Test
    void atomicOfAWordThatIsNotAlignedIsRefused() {
        assertRefused(InvalidRequest.class, () -> block.fetchAdd(4, 1), 8);
        assertRefused(InvalidRequest.class, () -> block.compareAndSwap(9, 0, 1), 8);
    }

    @Test
    void fencedOwnerIsToldSoWhateverItTries() {
        sessions.forEach(FragileSession::mute);
        pool.awaitOwners(1);
        assertRefused(OwnerFenced.class, () -> memory.allocate(CHUNK), 0);
        assertRefused(OwnerFenced.class, () -> memory.free(block), 0);
        assertThatThrownBy(() -> block.write(0, ByteBuffer.allocate(8))).isInstanceOf(FineMemException.class);
        assertUnharmed(0);
    }

    static Stream<Arguments> superblocks() {
        return Stream.of(
                Arguments.of("magic", 0, 0x4242L, "not the metadata of a memory node"),
                Arguments.of("other layout version", 1, Superblock.LAYOUT_VERSION + 1L, "another metadata layout"),
                Arguments.of("other run", 2, 77L, "the superblock is corrupted"),
                Arguments.of("sections", 3, 1L << 40, "the superblock is corrupted"),
                Arguments.of("checksum", Superblock.WORDS - 1, 1L, "the superblock is corrupted"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("superblocks")
    void damagedSuperblockIsRefusedByAnOwnerThatJoins(String what, int word, long value, String text) {
        try (Scribe scribe = new Scribe()) {
            long right = scribe.exchange(word, value);
            assertThatThrownBy(() -> pool.owner())
                    .isExactlyInstanceOf(ProtocolViolation.class)
                    .hasMessageContaining(text);
            scribe.exchange(word, right);
        }
        assertThat(pool.owner().allocate(CHUNK).fetchAdd(0, 0)).isNotNegative();
        assertUnharmed(9);
    }

    @Test
    void superblockOfAnotherPoolWithARightChecksumIsRefused() {
        long[] impossible = new Superblock(1, 1 << 30, 1 << 20, 1 << 20, 0).words();
        long[] other = new Superblock(77, 2, 66, 256, 0).words();
        try (Scribe scribe = new Scribe()) {
            long[] right = scribe.exchange(impossible);
            assertThatThrownBy(() -> pool.owner())
                    .isExactlyInstanceOf(ProtocolViolation.class)
                    .hasMessageContaining("a pool that cannot be");
            scribe.exchange(other);
            assertThatThrownBy(() -> pool.owner())
                    .isExactlyInstanceOf(ProtocolViolation.class)
                    .hasMessageContaining("not that of the memory node that was asked");
            scribe.exchange(right);
        }
        pool.owner();
        assertUnharmed(8);
    }

    /** Writes into the metadata over a metadata connection, as a defect of an owner would. */
    private final class Scribe implements AutoCloseable {
        private final ProtectionDomain domain = transport.newDomain();
        private final MemoryNodeControl session = pool.node(0).newSession("scribe");
        private final PoolDescription described = session.describe();
        private final Connection connection = domain.newConnection(new ConnectionOptions("scribe", 2, Set.of()));
        private final Chain chain;

        Scribe() {
            session.register();
            connection.connect(session.connect(ConnectionPurpose.METADATA, connection.descriptor())
                    .descriptor());
            chain = connection.newChain(2);
        }

        /** Writes a word of the superblock; the value before. */
        long exchange(int word, long value) {
            long address = described.metadataAddress() + (long) word * Long.BYTES;
            long before = word(address);
            chain.clear().writeWord(address, described.metadataRkey(), value);
            assertThat(connection.execute(chain, PATIENCE.toNanos())).isEqualTo(CompletionStatus.SUCCESS);
            return before;
        }

        long[] exchange(long[] values) {
            long[] before = new long[values.length];
            for (int i = 0; i < values.length; i++) {
                before[i] = exchange(i, values[i]);
            }
            return before;
        }

        private long word(long address) {
            chain.clear().readWord(address, described.metadataRkey());
            assertThat(connection.execute(chain, PATIENCE.toNanos())).isEqualTo(CompletionStatus.SUCCESS);
            return chain.word(0);
        }

        @Override
        public void close() {
            connection.close();
            session.close();
            domain.close();
        }
    }

    /** A block that no RemoteMemory has made, at an offset of a real one. */
    private static RemoteBlock madeUp(RemoteBlock real, long offset) {
        BlockHandle handle = real.handle();
        BlockHandle shifted = new BlockHandle(
                handle.memoryNode(),
                handle.address() + offset,
                handle.length() - offset,
                handle.rkey(),
                handle.generation());
        return (RemoteBlock) Proxy.newProxyInstance(
                RemoteBlock.class.getClassLoader(),
                new Class<?>[] {RemoteBlock.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "handle" -> shifted;
                    case "length" -> shifted.length();
                    case "toString" -> "made up of " + real;
                    default ->
                        throw new AssertionError("the owner called " + method + " of a block that is not its own");
                });
    }
}
