package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** R7: an access needs an rkey of the serving domain that is valid, allows it, and covers it; else nothing changes. */
abstract class KeysContract extends Contract {
    private static final byte GUARD = 0x33;

    /** R7: an rkey that was never given out opens nothing. */
    @ParameterizedTest
    @ValueSource(ints = {0, -1, 0x7FFF_FFFF, 0x8000_0000})
    void unknownRkeyIsRefused(int rkey) {
        assertRefused(chain -> chain.writeWord(at(0), rkey, 1));
        assertThat(remote.getWord(0)).isZero();
    }

    /** R7: an rkey that differs in one bit from a good one opens nothing. */
    @ParameterizedTest
    @ValueSource(ints = {0, 7, 8, 13, 23, 31})
    void rkeyWithOneWrongBitIsRefused(int bit) {
        int wrong = remote.rkey() ^ (1 << bit);
        assertRefused(chain -> chain.writeWord(at(0), wrong, 1));
        assertThat(remote.getWord(0)).isZero();
    }

    /** R7: every kind of access is checked. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void everyKindOfAccessIsChecked(int kind) {
        int wrong = remote.rkey() ^ 0x0101;
        local.fill(0, 64, GUARD);
        assertRefused(access(kind, at(0), wrong));
        assertThat(bytes(remote, 0, 4096)).containsOnly(0);
        assertThat(bytes(local, 0, 64)).containsOnly(GUARD);
    }

    private Consumer<Chain> access(int kind, long address, int rkey) {
        return chain -> {
            switch (kind) {
                case 0 -> chain.read(address, rkey, local, 0, 64);
                case 1 -> chain.write(address, rkey, local, 0, 64);
                case 2 -> chain.readWord(address, rkey);
                case 3 -> chain.writeWord(address, rkey, 1);
                case 4 -> chain.compareAndSwap(address, rkey, 0, 1);
                default -> chain.fetchAdd(address, rkey, 1);
            }
        };
    }

    /** R7: the rkey of a closed region is stale, also where new regions were made since. */
    @Test
    void staleRkeyIsRefused() {
        MemoryRegion gone = fabric().newRemote(REGION_BYTES);
        long address = gone.address();
        int rkey = gone.rkey();
        poster().writeWord(address, rkey, 1);
        gone.close();
        assertRefused(chain -> chain.writeWord(address, rkey, 2));
        try (MemoryRegion next = fabric().newRemote(REGION_BYTES)) {
            assertThat(next.rkey()).isNotEqualTo(rkey);
            assertRefused(chain -> chain.writeWord(next.address(), rkey, 3));
            assertRefused(chain -> chain.fetchAdd(address, rkey, 3));
            assertThat(next.getWord(0)).isZero();
        }
    }

    /** R7: rkeys of regions that come and go are not given out again soon. */
    @Test
    void rkeysOfClosedRegionsDoNotComeBackSoon() {
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            try (MemoryRegion region = fabric().newRemote(64)) {
                assertThat(seen.add(region.rkey()))
                        .as("rkey %08x is new", region.rkey())
                        .isTrue();
            }
        }
    }

    /** R7: an rkey opens memory only through connections of its own domain. */
    @Test
    void rkeyOfAnotherDomainIsRefused() {
        try (ProtectionDomain other = fabric().serving().newDomain();
                MemoryRegion foreign = other.allocate(4096, Fabric.REMOTE_ALL)) {
            for (int kind = 1; kind < 5; kind++) {
                assertRefused(access(kind, foreign.address(), foreign.rkey()));
            }
            assertThat(bytes(foreign, 0, 4096)).containsOnly(0);
            try (ConnectedPair pair = ConnectedPair.connect(fabric().initiatingDomain(), other)) {
                fabric().poster(pair).writeWord(foreign.address(), foreign.rkey(), 1);
                assertThat(foreign.getWord(0)).isEqualTo(1);
                assertRefused(pair.initiator(), chain -> chain.writeWord(at(0), remote.rkey(), 1));
            }
            assertThat(remote.getWord(0)).isZero();
        }
    }

    /** R7: the rkey of one region does not open another of the same domain. */
    @Test
    void rkeyOfAnotherRegionIsRefused() {
        try (MemoryRegion neighbour = fabric().newRemote(REGION_BYTES)) {
            assertRefused(chain -> chain.writeWord(neighbour.address(), remote.rkey(), 1));
            assertRefused(chain -> chain.writeWord(at(0), neighbour.rkey(), 1));
            assertThat(neighbour.getWord(0) | remote.getWord(0)).isZero();
        }
    }

    /** R7: a region serves the accesses that it allows. */
    @ParameterizedTest
    @EnumSource(
            value = Access.class,
            names = {"REMOTE_READ", "REMOTE_WRITE", "REMOTE_ATOMIC"})
    void regionServesOnlyWhatItAllows(Access allowed) {
        try (MemoryRegion region = fabric().servingDomain().allocate(4096, Set.of(allowed))) {
            for (int kind = 0; kind < 6; kind++) {
                Consumer<Chain> access = access(kind, region.address(), region.rkey());
                if (neededFor(kind) == allowed) {
                    poster().complete(access);
                    region.fill(0, 4096, (byte) 0);
                } else {
                    assertRefused(access);
                    assertThat(bytes(region, 0, 64)).containsOnly(0);
                }
            }
        }
    }

    private static Access neededFor(int kind) {
        return switch (kind) {
            case 0, 2 -> Access.REMOTE_READ;
            case 1, 3 -> Access.REMOTE_WRITE;
            default -> Access.REMOTE_ATOMIC;
        };
    }

    /** R7: a region without remote rights is out of reach, whatever key is tried. */
    @Test
    void regionWithoutRemoteRightsIsOutOfReach() {
        try (MemoryRegion region = fabric().servingDomain().allocate(4096, Set.of())) {
            assertRefused(chain -> chain.writeWord(region.address(), region.rkey(), 1));
            assertRefused(chain -> chain.writeWord(region.address(), remote.rkey(), 1));
            assertThat(region.getWord(0)).isZero();
        }
    }

    /** R7: transfers that leave the region by one byte or by far, on either side, change nothing inside. */
    @ParameterizedTest
    @CsvSource({
        "-1,1",
        "-1,2",
        "-4096,8192",
        "65536,1",
        "65535,2",
        "65000,537",
        "61440,8192",
        "65536,65536",
        "1099511627776,8",
        "-1099511627776,8"
    })
    void transferThatLeavesTheRegionIsRefused(long offset, int length) {
        remote.fill(0, REGION_BYTES, GUARD);
        long address = at(offset);
        assertRefused(chain -> chain.write(address, remote.rkey(), local, 0, length));
        assertThat(bytes(remote, 0, REGION_BYTES)).containsOnly(GUARD);
        assertRefused(chain -> chain.read(address, remote.rkey(), local, 0, length));
        assertThat(bytes(local, 0, REGION_BYTES)).containsOnly(0);
    }

    /** R7: addresses at both ends of the address space are refused without overflow. */
    @ParameterizedTest
    @ValueSource(longs = {0, 8, -8, -65536, Long.MAX_VALUE - 7, Long.MIN_VALUE})
    void extremeAddressIsRefused(long address) {
        assertRefused(chain -> chain.write(address, remote.rkey(), local, 0, 4096));
        assertRefused(chain -> chain.fetchAdd(address & -8, remote.rkey(), 1));
        assertThat(bytes(remote, 0, 4096)).containsOnly(0);
    }

    /** R7: words just outside the region are refused, the last word inside is served. */
    @Test
    void wordsAreServedUpToTheEnd() {
        poster().writeWord(at(REGION_BYTES - 8), remote.rkey(), 1);
        assertThat(poster().fetchAdd(at(REGION_BYTES - 8), remote.rkey(), 1)).isEqualTo(1);
        assertRefused(chain -> chain.writeWord(at(REGION_BYTES), remote.rkey(), 1));
        assertRefused(chain -> chain.compareAndSwap(at(-8), remote.rkey(), 0, 1));
    }
}
