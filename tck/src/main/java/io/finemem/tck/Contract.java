package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.spi.transport.Capabilities;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/**
 * Ground of all contracts: one remote and one local region of 64 KiB, zeroed before each case, and ways to use them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class Contract {
    static final int REGION_BYTES = 64 << 10;

    /** Serving side, all remote rights. */
    MemoryRegion remote;

    /** Initiating side, no remote right. */
    MemoryRegion local;

    /** The opened transport. */
    abstract Fabric fabric();

    @BeforeAll
    void allocateRegions() {
        remote = fabric().newRemote(REGION_BYTES);
        local = fabric().newLocal(REGION_BYTES);
    }

    @BeforeEach
    void zeroRegions() {
        remote.fill(0, REGION_BYTES, (byte) 0);
        local.fill(0, REGION_BYTES, (byte) 0);
    }

    @AfterAll
    void closeRegions() {
        remote.close();
        local.close();
    }

    final Capabilities capabilities() {
        return fabric().capabilities();
    }

    final Duration patience() {
        return fabric().patience();
    }

    /** The shared connection: never for a case that breaks it. */
    final Poster poster() {
        return fabric().poster();
    }

    /** Remote address of an offset in the remote region. */
    final long at(long offset) {
        return remote.address() + offset;
    }

    /** The outcome of one chain on a connection that is thrown away. */
    final CompletionStatus outcome(Consumer<Chain> filling) {
        try (ConnectedPair pair = fabric().connect()) {
            return fabric().poster(pair).post(filling);
        }
    }

    /** R7: the access is refused by the responder, and the connection that carried it is in error (R6). */
    final void assertRefused(Consumer<Chain> filling) {
        try (ConnectedPair pair = fabric().connect()) {
            assertRefused(pair.initiator(), filling);
        }
    }

    /** The same on a given connection, which is dead afterwards. */
    final void assertRefused(Connection connection, Consumer<Chain> filling) {
        assertThat(new Poster(connection, patience()).post(filling)).isEqualTo(CompletionStatus.REMOTE_ACCESS_ERROR);
        assertThat(connection.state()).isEqualTo(ConnectionState.ERROR);
    }

    /** Bad input: refused on the spot. */
    static void assertInvalid(ThrowingCallable call) {
        Assertions.assertThatThrownBy(call).isInstanceOf(InvalidRequest.class).hasMessageNotContaining("null");
    }

    /** Refused with one of the project's exceptions, whichever fits. */
    static void assertTyped(ThrowingCallable call) {
        Assertions.assertThatThrownBy(call).isInstanceOf(FineMemException.class);
    }

    /** Bytes of a region as its CPU sees them. */
    static byte[] bytes(MemoryRegion region, long offset, int length) {
        byte[] bytes = new byte[length];
        region.get(offset, ByteBuffer.wrap(bytes));
        return bytes;
    }

    /** Fills a range with a pattern that depends on the seed and differs in every word. */
    static void fillPattern(MemoryRegion region, long offset, int length, long seed) {
        ByteBuffer slice = region.slice(offset, length);
        long state = seed * 0x9E3779B97F4A7C15L + 1;
        while (slice.remaining() >= Long.BYTES) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            slice.putLong(state ^ (state >>> 29));
        }
        while (slice.hasRemaining()) {
            slice.put((byte) (state >>> slice.remaining()));
        }
    }

    /** The same bytes in both ranges. */
    static void assertSame(MemoryRegion left, long leftOffset, MemoryRegion right, long rightOffset, int length) {
        int mismatch = left.slice(leftOffset, length).mismatch(right.slice(rightOffset, length));
        assertThat(mismatch).as("offset of the first wrong byte of %d", length).isEqualTo(-1);
    }
}
