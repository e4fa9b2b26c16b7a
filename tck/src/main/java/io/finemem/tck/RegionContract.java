package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import java.nio.ByteBuffer;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Regions and domains: what they hold, what this side's CPU may do with them, how they end. */
abstract class RegionContract extends Contract {
    private static final int PAGE = 4096;

    /** Allocated memory is zeroed, also where it was used before. */
    @Test
    void allocatedMemoryIsZeroed() {
        for (int round = 0; round < 3; round++) {
            try (MemoryRegion region = fabric().newRemote(1 << 20)) {
                assertThat(region.slice(0, 1 << 20).mismatch(ByteBuffer.allocate(1 << 20)))
                        .isEqualTo(-1);
                region.fill(0, 1 << 20, (byte) 0xFF);
            }
        }
    }

    /** Allocated memory starts on a page and has exactly the length that was asked for. */
    @ParameterizedTest
    @ValueSource(longs = {1, 7, 4096, 4097, 3_000_001})
    void allocatedMemoryIsPageAlignedAndAsLongAsAsked(long length) {
        try (MemoryRegion region = fabric().newRemote(length)) {
            assertThat(region.address() % PAGE).isZero();
            assertThat(region.length()).isEqualTo(length);
            assertThat(region.domain()).isSameAs(fabric().servingDomain());
        }
    }

    /** Regions that live at the same time do not overlap. */
    @Test
    void regionsDoNotOverlap() {
        try (MemoryRegion first = fabric().newRemote(10_000);
                MemoryRegion second = fabric().newRemote(10_000)) {
            long low = Math.min(first.address(), second.address());
            long high = Math.max(first.address(), second.address());
            assertThat(high - low).isGreaterThanOrEqualTo(10_000);
            first.fill(0, 10_000, (byte) 1);
            assertThat(bytes(second, 0, 10_000)).containsOnly(0);
        }
    }

    /** R7: a region without remote rights has no rkey, one with rights has one. */
    @Test
    void onlyRegionsWithRemoteRightsHaveAnRkey() {
        assertThat(local.rkey()).isZero();
        assertThat(remote.rkey()).isNotZero();
    }

    /** The CPU's accessors copy exactly the range. */
    @Test
    void accessorsOfTheCpuCopyExactlyTheRange() {
        remote.fill(10, 5, (byte) 9);
        remote.put(11, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertThat(bytes(remote, 9, 7)).containsExactly(0, 9, 1, 2, 3, 9, 0);
        ByteBuffer direct = ByteBuffer.allocateDirect(7);
        remote.get(9, direct);
        assertThat(direct.hasRemaining()).isFalse();
        assertThat(direct.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {0, 9, 1, 2, 3, 9, 0}));
        assertThat(remote.slice(10, 5).get(1)).isEqualTo((byte) 1);
        remote.slice(10, 5).put(0, (byte) 77);
        assertThat(bytes(remote, 10, 1)).containsExactly(77);
    }

    /** A range that leaves the region is refused. */
    @ParameterizedTest
    @CsvSource({"-1,1", "65536,1", "65535,2", "0,65537", "9223372036854775807,8", "-9223372036854775808,8"})
    void accessOutsideTheRegionIsRefused(long offset, int length) {
        assertInvalid(() -> remote.get(offset, ByteBuffer.allocate(length)));
        assertInvalid(() -> remote.put(offset, ByteBuffer.allocate(length)));
        assertInvalid(() -> remote.fill(offset, length, (byte) 1));
        assertInvalid(() -> remote.slice(offset, length));
        assertThat(bytes(remote, 0, REGION_BYTES)).containsOnly(0);
    }

    /** A word that leaves the region is refused. */
    @ParameterizedTest
    @ValueSource(longs = {-8, 65536, 65532, Long.MAX_VALUE - 7, Long.MIN_VALUE})
    void wordOutsideTheRegionIsRefused(long offset) {
        assertInvalid(() -> remote.getWord(offset));
        assertInvalid(() -> remote.putWord(offset, 1));
    }

    /** R4: words of the CPU are aligned. */
    @Test
    void unalignedWordOfTheCpuIsRefused() {
        assertInvalid(() -> remote.getWord(4));
        assertInvalid(() -> remote.putWord(1, 1));
    }

    /** Any use of a closed region is refused, closing it again does nothing. */
    @Test
    void closedRegionIsRefused() {
        MemoryRegion region = fabric().newRemote(PAGE);
        region.close();
        region.close();
        assertInvalid(() -> region.getWord(0));
        assertInvalid(() -> region.putWord(0, 1));
        assertInvalid(() -> region.get(0, ByteBuffer.allocate(1)));
        assertInvalid(() -> region.put(0, ByteBuffer.allocate(1)));
        assertInvalid(() -> region.fill(0, 1, (byte) 1));
        assertInvalid(() -> region.slice(0, 1));
    }

    /** Lengths that make no region are refused. */
    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE})
    void impossibleLengthIsRefused(long length) {
        assertTyped(() -> fabric().newRemote(length));
    }

    /** Only direct buffers with something in them can be registered. */
    @Test
    void heapAndEmptyBuffersAreRefused() {
        assertInvalid(() -> fabric().initiatingDomain().register(ByteBuffer.allocate(64), Set.of()));
        assertInvalid(() -> fabric().initiatingDomain().register(ByteBuffer.allocateDirect(0), Set.of()));
        ByteBuffer drained = ByteBuffer.allocateDirect(64).position(64);
        assertInvalid(() -> fabric().initiatingDomain().register(drained, Set.of()));
    }

    /** A domain that still holds something cannot be closed, and works on; empty, it can, and is then of no use. */
    @Test
    void domainClosesOnlyWhenEmpty() {
        ProtectionDomain domain = fabric().serving().newDomain();
        MemoryRegion region = domain.allocate(PAGE, Set.of());
        assertInvalid(domain::close);
        region.putWord(0, 7);
        assertThat(region.getWord(0)).isEqualTo(7);
        region.close();
        Connection connection = domain.newConnection(ConnectionOptions.of("nobody"));
        assertInvalid(domain::close);
        connection.close();
        domain.close();
        assertTyped(() -> domain.allocate(PAGE, Set.of()));
        assertTyped(() -> domain.newConnection(ConnectionOptions.of("nobody")));
        assertTyped(() -> domain.newWindow());
    }

    /** Domains know their transport. */
    @Test
    void domainBelongsToItsTransport() {
        assertThat(fabric().servingDomain().transport()).isSameAs(fabric().serving());
        assertThat(fabric().initiatingDomain().transport()).isSameAs(fabric().initiating());
    }
}
