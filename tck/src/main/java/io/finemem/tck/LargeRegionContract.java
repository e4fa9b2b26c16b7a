package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.MemoryRegion;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A region of more than 2 GiB, where 32-bit arithmetic shows; a few of its pages are touched. */
abstract class LargeRegionContract extends Contract {
    private static final long TWO_GIB = 1L << 31;
    private static final long BYTES = TWO_GIB + (1 << 20);

    private MemoryRegion large;

    @BeforeAll
    void allocateLargeRegion() {
        assertThat(capabilities().maxRegionBytes()).isGreaterThan(TWO_GIB);
        try {
            large = fabric().newRemote(BYTES);
        } catch (OutOfLocalResources e) {
            if (fabric().underTest().required()) {
                throw e;
            }
            throw Skip.because("no room for a region of " + BYTES + " bytes: " + e.getMessage());
        }
    }

    @AfterAll
    void closeLargeRegion() {
        if (large != null) {
            large.close();
        }
    }

    /** R5: transfers at the start, around 1 GiB, across 2 GiB and up to the last byte. */
    @ParameterizedTest
    @ValueSource(longs = {0, (1L << 30) - 512, TWO_GIB - 512, TWO_GIB + 8, BYTES - 1024})
    void transfersReachEveryPart(long offset) {
        fillPattern(local, 0, 1024, offset);
        long address = large.address() + offset;
        poster().complete(chain -> {
            chain.write(address, large.rkey(), local, 0, 1024);
            chain.read(address, large.rkey(), local, 2048, 1024);
        });
        assertSame(local, 0, local, 2048, 1024);
        assertThat(bytes(large, offset, 1024)).isEqualTo(bytes(local, 0, 1024));
    }

    /** R3: atomics behind 2 GiB hit their own word and none 2 or 4 GiB away. */
    @Test
    void atomicsReachTheUpperPart() {
        large.putWord(1 << 19, 0);
        large.putWord(TWO_GIB + (1 << 19), 10);
        long address = large.address() + TWO_GIB + (1 << 19);
        assertThat(poster().fetchAdd(address, large.rkey(), 1)).isEqualTo(10);
        assertThat(poster().compareAndSwap(address, large.rkey(), 11, 12)).isEqualTo(11);
        assertThat(large.getWord(TWO_GIB + (1 << 19))).isEqualTo(12);
        assertThat(large.getWord(1 << 19)).isZero();
    }

    /** The CPU's copies may cross any boundary. */
    @Test
    void copiesOfTheCpuCrossEveryBoundary() {
        for (long boundary : new long[] {1L << 30, TWO_GIB}) {
            byte[] pattern = bytes(local, 0, 4096);
            Arrays.fill(pattern, (byte) (boundary >>> 28));
            large.fill(boundary - 2048, 4096, (byte) 0);
            large.put(boundary - 2048, ByteBuffer.wrap(pattern));
            assertThat(bytes(large, boundary - 2048, 4096)).isEqualTo(pattern);
            large.fill(boundary - 8, 16, (byte) 1);
            assertThat(bytes(large, boundary - 9, 18)).startsWith(pattern[0]).endsWith(pattern[0]);
            assertThat(bytes(large, boundary - 8, 16)).containsOnly(1);
        }
    }

    /** R7: the end of a long region is the end. */
    @Test
    void accessBehindTheEndIsRefused() {
        assertRefused(chain -> chain.readWord(large.address() + BYTES, large.rkey()));
    }
}
