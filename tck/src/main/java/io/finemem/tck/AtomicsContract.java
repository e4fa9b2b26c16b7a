package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R3 and R4: CAS and FETCH_ADD of concurrent connections lose no update; words are never torn. */
abstract class AtomicsContract extends Contract {
    private static final int CONNECTIONS = 8;
    private static final int ADDS = 1000;
    private static final int SWAPS = 250;
    private static final VarHandle WORDS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** R3: a CAS that finds the expected value replaces it and returns it. */
    @Test
    void compareAndSwapReplacesTheExpectedValue() {
        remote.putWord(0, 7);
        assertThat(poster().compareAndSwap(at(0), remote.rkey(), 7, -1)).isEqualTo(7);
        assertThat(remote.getWord(0)).isEqualTo(-1);
    }

    /** R3: a CAS that finds another value changes nothing and returns what it found. */
    @Test
    void compareAndSwapLeavesAnotherValue() {
        remote.putWord(0, Long.MIN_VALUE);
        assertThat(poster().compareAndSwap(at(0), remote.rkey(), 0, 5)).isEqualTo(Long.MIN_VALUE);
        assertThat(remote.getWord(0)).isEqualTo(Long.MIN_VALUE);
        assertThat(poster().compareAndSwap(at(0), remote.rkey(), 0x8000_0000L, 5))
                .isEqualTo(Long.MIN_VALUE);
    }

    /** R3: CAS compares all 64 bits. */
    @Test
    void compareAndSwapComparesEveryBit() {
        long value = 0x0123_4567_89AB_CDEFL;
        remote.putWord(8, value);
        for (int bit = 0; bit < Long.SIZE; bit += 9) {
            assertThat(poster().compareAndSwap(at(8), remote.rkey(), value ^ (1L << bit), 0))
                    .isEqualTo(value);
        }
        assertThat(remote.getWord(8)).isEqualTo(value);
    }

    /** FETCH_ADD adds, also negative numbers, and returns the value before. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 0x1_0000_0000L, Long.MIN_VALUE, Long.MAX_VALUE})
    void fetchAddReturnsTheValueBefore(long addend) {
        remote.putWord(16, 41);
        assertThat(poster().fetchAdd(at(16), remote.rkey(), addend)).isEqualTo(41);
        assertThat(remote.getWord(16)).isEqualTo(41 + addend);
    }

    /** FETCH_ADD wraps and leaves the neighbours alone. */
    @Test
    void fetchAddWrapsWithinItsWord() {
        remote.putWord(24, -1);
        assertThat(poster().fetchAdd(at(24), remote.rkey(), 1)).isEqualTo(-1);
        assertThat(bytes(remote, 16, 24)).containsOnly(0);
    }

    /** R1: a CAS that fails in the middle of a chain does not stop it. */
    @Test
    void failedCompareAndSwapDoesNotStopTheChain() {
        remote.putWord(32, 100);
        Chain chain = poster().complete(c -> {
            c.writeWord(at(40), remote.rkey(), 1);
            c.compareAndSwap(at(32), remote.rkey(), 99, 0);
            c.writeWord(at(48), remote.rkey(), 2);
            c.fetchAdd(at(32), remote.rkey(), 1);
            c.compareAndSwap(at(32), remote.rkey(), 101, 102);
        });
        assertThat(chain.word(1)).isEqualTo(100);
        assertThat(chain.word(3)).isEqualTo(100);
        assertThat(chain.word(4)).isEqualTo(101);
        assertThat(remote.getWord(32)).isEqualTo(102);
        assertThat(remote.getWord(40)).isEqualTo(1);
        assertThat(remote.getWord(48)).isEqualTo(2);
    }

    /** R3: FETCH_ADD of 8 connections: no update is lost and none is seen twice. */
    @Test
    void concurrentFetchAddsLoseNoUpdate() {
        BitSet seen = new BitSet();
        withPosters(
                fabric().initiatingDomain(),
                posters -> Crew.run(CONNECTIONS, patience(), member -> {
                    List<Long> before = new ArrayList<>(ADDS);
                    for (int i = 0; i < ADDS / 4; i++) {
                        Chain chain = posters.get(member).complete(c -> {
                            for (int k = 0; k < 4; k++) {
                                c.fetchAdd(at(0), remote.rkey(), 1);
                            }
                        });
                        for (int k = 0; k < 4; k++) {
                            before.add(chain.word(k));
                        }
                    }
                    synchronized (seen) {
                        before.forEach(value -> seen.set(value.intValue()));
                    }
                }));
        assertThat(remote.getWord(0)).isEqualTo((long) CONNECTIONS * ADDS);
        assertThat(seen.cardinality()).isEqualTo(CONNECTIONS * ADDS);
    }

    /** R3: CAS loops of 8 connections: each success counts once. */
    @Test
    void concurrentCompareAndSwapsLoseNoUpdate() {
        withPosters(
                fabric().initiatingDomain(),
                posters -> Crew.run(
                        CONNECTIONS, patience(), member -> incrementByCompareAndSwap(posters.get(member), SWAPS)));
        assertThat(remote.getWord(0)).isEqualTo((long) CONNECTIONS * SWAPS);
    }

    /** R3: CAS and FETCH_ADD are atomic to each other, not only to their own kind. */
    @Test
    void compareAndSwapIsAtomicToFetchAdd() {
        withPosters(
                fabric().initiatingDomain(),
                posters -> Crew.run(CONNECTIONS, patience(), member -> {
                    if (member % 2 == 0) {
                        incrementByCompareAndSwap(posters.get(member), SWAPS);
                        return;
                    }
                    for (int i = 0; i < SWAPS; i++) {
                        posters.get(member).fetchAdd(at(0), remote.rkey(), 1);
                    }
                }));
        assertThat(remote.getWord(0)).isEqualTo((long) CONNECTIONS * SWAPS);
    }

    /** R3: initiators of different domains, over loop-back and not, are atomic to each other. */
    @Test
    void atomicsOfDifferentDomainsLoseNoUpdate() {
        withPosters(
                fabric().servingDomain(),
                own -> withPosters(fabric().initiatingDomain(), foreign -> {
                    Crew.run(CONNECTIONS, patience(), member -> {
                        Poster mine = (member % 2 == 0 ? own : foreign).get(member);
                        incrementByCompareAndSwap(mine, SWAPS);
                    });
                }));
        assertThat(remote.getWord(0)).isEqualTo((long) CONNECTIONS * SWAPS);
    }

    private void incrementByCompareAndSwap(Poster poster, int times) {
        long expected = 0;
        for (int i = 0; i < times; i++) {
            long found = poster.compareAndSwap(at(0), remote.rkey(), expected, expected + 1);
            while (found != expected) {
                expected = found;
                found = poster.compareAndSwap(at(0), remote.rkey(), expected, expected + 1);
            }
            expected++;
        }
    }

    /** R3: 8 connections take turns by a lock word in remote memory: nobody else is inside. */
    @Test
    void lockBuiltOnCompareAndSwapExcludes() {
        withPosters(
                fabric().initiatingDomain(),
                posters -> Crew.run(CONNECTIONS, patience(), member -> {
                    Poster mine = posters.get(member);
                    Deadline deadline = Deadline.in(patience());
                    for (int i = 0; i < 20; i++) {
                        while (mine.compareAndSwap(at(0), remote.rkey(), 0, member + 1) != 0) {
                            deadline.pause("the lock");
                        }
                        long inside = mine.readWord(at(64), remote.rkey());
                        mine.complete(c -> {
                            c.writeWord(at(64), remote.rkey(), inside + 1);
                            c.writeWord(at(0), remote.rkey(), 0);
                        });
                    }
                }));
        assertThat(remote.getWord(64)).isEqualTo(20L * CONNECTIONS);
    }

    /** R3: remote atomics and read-modify-writes of the serving CPU lose no update, where declared. */
    @Test
    void cpuUpdatesAreNotLostWhereAtomicsAreCoherent() {
        Skip.unless(
                capabilities().cpuCoherentAtomics(),
                "atomics are declared not coherent with the CPU; what happens then is undefined");
        ByteBuffer words = remote.slice(0, 8);
        withPosters(
                fabric().initiatingDomain(),
                posters -> Crew.run(3, patience(), member -> {
                    for (int i = 0; i < ADDS; i++) {
                        if (member == 0) {
                            WORDS.getAndAdd(words, 0, 1L);
                        } else {
                            posters.get(member).fetchAdd(at(0), remote.rkey(), 1);
                        }
                    }
                }));
        assertThat(remote.getWord(0)).isEqualTo(3L * ADDS);
    }

    /** R3: a store of the serving CPU is not undone by a FETCH_ADD under way, where declared. */
    @Test
    void cpuStoreIsNotUndoneWhereAtomicsAreCoherent() {
        Skip.unless(
                capabilities().cpuCoherentAtomics(),
                "atomics are declared not coherent with the CPU; what happens then is undefined");
        AtomicBoolean done = new AtomicBoolean();
        Crew.run(2, patience(), member -> {
            for (int i = 0; member == 0 && i < ADDS; i++) {
                poster().fetchAdd(at(0), remote.rkey(), 1);
            }
            if (member == 0) {
                done.set(true);
            }
            for (long epoch = 1; member == 1 && !done.get(); epoch++) {
                remote.putWord(0, epoch << 32);
                for (int look = 0; look < 20; look++) {
                    assertThat(remote.getWord(0) >>> 32).isEqualTo(epoch);
                }
                Thread.yield();
            }
        });
    }

    /** R4: a word that the CPU stores is never torn for a READ of that word. */
    @Test
    void wordsOfTheCpuAreNeverTornForAReader() {
        assertUntorn(() -> assertThat(poster().readWord(at(0), remote.rkey())).isIn(0L, -1L));
    }

    /** A longer READ is torn between words only. */
    @Test
    void longerReadsAreTornBetweenWordsOnly() {
        assertUntorn(() -> {
            poster().complete(c -> c.read(at(0), remote.rkey(), local, 0, 512));
            for (int k = 0; k < 64; k++) {
                assertThat(local.getWord(8L * k)).isIn(0L, -1L);
            }
        });
    }

    private void assertUntorn(Runnable look) {
        skipIfWordsAreTorn();
        AtomicBoolean done = new AtomicBoolean();
        Crew.run(2, patience(), member -> {
            if (member == 1) {
                storeAlternating(done, (round, value) -> remote.putWord(8L * (round % 64), value));
                return;
            }
            try {
                for (int i = 0; i < 500; i++) {
                    look.run();
                }
            } finally {
                done.set(true);
            }
        });
    }

    private void skipIfWordsAreTorn() {
        Skip.unless(!fabric().underTest().tearsWords(), "words are known to be torn here, against R4");
    }

    private static void storeAlternating(AtomicBoolean done, ObjLongConsumer<Integer> store) {
        for (int round = 0; !done.get(); round++) {
            store.accept(round, (round / 64 & 1) == 0 ? -1L : 0L);
            if (round % 64 == 0) {
                Thread.yield();
            }
        }
    }

    /** R4: a word that a peer writes is never torn for the CPU. */
    @Test
    void wordsOfAPeerAreNeverTornForTheCpu() {
        skipIfWordsAreTorn();
        AtomicBoolean done = new AtomicBoolean();
        Crew.run(2, patience(), member -> {
            for (int i = 0; member == 0 && i < 500; i++) {
                long value = (i & 1) == 0 ? -1L : 0L;
                poster().writeWord(at(0), remote.rkey(), value);
            }
            if (member == 0) {
                done.set(true);
            }
            while (member == 1 && !done.get()) {
                assertThat(remote.getWord(0)).isIn(0L, -1L);
                Thread.yield();
            }
        });
    }

    /** R7: an atomic on the last bytes of a region that are less than a word is refused. */
    @Test
    void atomicsAtTheEndOfARegionStayInside() {
        try (MemoryRegion odd = fabric().newRemote(20)) {
            assertThat(poster().fetchAdd(odd.address() + 8, odd.rkey(), 3)).isZero();
            assertRefused(chain -> chain.fetchAdd(odd.address() + 16, odd.rkey(), 3));
            assertThat(bytes(odd, 16, 4)).containsOnly(0);
        }
    }

    private void withPosters(ProtectionDomain initiating, Consumer<List<Poster>> work) {
        List<ConnectedPair> pairs = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                pairs.add(ConnectedPair.connect(initiating, fabric().servingDomain()));
            }
            work.accept(pairs.stream().map(fabric()::poster).toList());
        } finally {
            pairs.forEach(ConnectedPair::close);
        }
    }
}
