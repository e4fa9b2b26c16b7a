package io.finemem.simulation.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.ClaimChunks;
import io.finemem.allocator.procedure.FreeBlocks;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.StateSink;
import io.finemem.allocator.recovery.ResolveSlots;
import io.finemem.simulation.step.PostedChain;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Owner A claims, or frees, two blocks by one chain, while owner B claims two in the same span with a cache that is out of
 * date. Every interleaving of their operations and of the resolver's chains, with A cut off after any of them.
 */
class BatchInterleavingTest {
    private static final int A = 1;
    private static final int B = 2;
    private static final int ORDER = 3;
    private static final int BLOCKS = 2;

    private final MetadataLayout layout = new MetadataLayout(1, 4, 4);
    private final int[] slotsOfA = {layout.firstSlot(A), layout.firstSlot(A) + 1};
    private final int[] slotsOfB = {layout.firstSlot(B), layout.firstSlot(B) + 1};
    private final Set<List<Object>> seen = new HashSet<>();
    private Consumer<PostedChain> posting = chain -> {};

    /** What happens to A. */
    enum Fault {
        DEATH,
        LOSS
    }

    private record Fingerprint(List<Object> fields) implements StateSink {
        @Override
        public void number(long value) {
            fields.add(value);
        }

        @Override
        public void slot(int slot) {
            fields.add(slot);
        }

        @Override
        public void word(long offset, long value) {
            fields.add(value);
        }

        @Override
        public void position(int segment, long position) {
            fields.add(position);
        }
    }

    /** A procedure with a chain under way, of which some elements were executed. */
    private record Party(Procedure procedure, @Nullable PostedChain chain, long[] results, int executed) {
        boolean done() {
            return chain == null;
        }
    }

    private record World(Map<Long, Long> words, @Nullable Party a, Party b, @Nullable Party resolver) {
        List<Object> key() {
            List<Object> key = new ArrayList<>(List.of(words));
            for (Party party : new Party[] {a, b, resolver}) {
                key.add(party == null ? -1 : party.executed + (party.done() ? 1000 : 0));
                if (party != null) {
                    party.procedure.state(new Fingerprint(key));
                    key.add(Arrays.hashCode(party.results));
                }
            }
            return key;
        }
    }

    private Party party(Procedure procedure, Consumer<PostedChain> rewriting) {
        PostedChain chain = PostedChain.post(procedure);
        if (chain != null) {
            rewriting.accept(chain);
        }
        return new Party(procedure, chain, chain == null ? new long[0] : chain.newResults(), 0);
    }

    private Party step(Map<Long, Long> words, Party party, Consumer<PostedChain> rewriting) {
        PostedChain chain = party.chain;
        long[] results = party.results.clone();
        int element = party.executed;
        long before = words.getOrDefault(chain.offset(element), 0L);
        results[chain.result(element)] = before;
        switch (chain.kind(element)) {
            case PostedChain.WRITE -> words.put(chain.offset(element), chain.first(element));
            case PostedChain.ADD -> words.put(chain.offset(element), before + chain.first(element));
            case PostedChain.CAS -> {
                if (before == chain.first(element)) {
                    words.put(chain.offset(element), chain.second(element));
                }
            }
            default -> assertThat(chain.kind(element)).isEqualTo(PostedChain.READ);
        }
        if (element + 1 < chain.size()) {
            return new Party(party.procedure, chain, results, element + 1);
        }
        Procedure procedure = party.procedure.copy();
        procedure.completed(i -> results[i]);
        return party(procedure, rewriting);
    }

    private Party wholeChain(Map<Long, Long> words, Party party) {
        PostedChain chain = party.chain;
        Party next = party;
        do {
            next = step(words, next, none -> {});
        } while (next.chain == chain);
        return next;
    }

    private void explore(World world, Fault fault) {
        if (!seen.add(world.key())) {
            return;
        }
        if (world.a != null && !world.a.done()) {
            Map<Long, Long> words = new TreeMap<>(world.words);
            explore(new World(words, step(words, world.a, posting), world.b, null), fault);
        }
        if (!world.b.done()) {
            Map<Long, Long> words = new TreeMap<>(world.words);
            explore(new World(words, world.a, step(words, world.b, none -> {}), world.resolver), fault);
        }
        if (world.a != null && (fault == Fault.DEATH || !world.a.done())) {
            explore(new World(world.words, null, world.b, resolution(fault)), fault);
        }
        if (world.resolver != null) {
            Map<Long, Long> words = new TreeMap<>(world.words);
            boolean over = world.resolver.done();
            boolean again = over && !((ResolveSlots) world.resolver.procedure).resolved() && !world.b.done();
            if (!over || again) {
                Party resolver = again ? resolution(fault) : wholeChain(words, world.resolver);
                explore(new World(words, world.a, world.b, resolver), fault);
            }
        }
        check(world, fault);
    }

    private Party resolution(Fault fault) {
        Set<Integer> doubts = Set.of(slotsOfA[0], slotsOfA[1]);
        ResolveSlots resolve = new ResolveSlots(layout);
        return party(
                fault == Fault.DEATH ? resolve.prepare(Set.of(A), Set.of()) : resolve.prepare(Set.of(), doubts),
                none -> {});
    }

    /** At the end everything in use is held by exactly one of them, and recovery has come to its end. */
    private void check(World world, Fault fault) {
        boolean resolverDone = world.resolver == null || world.resolver.done();
        if (!world.b.done() || !resolverDone || world.a != null && !world.a.done()) {
            return;
        }
        int ofB = held(world.b);
        if (world.a != null) {
            int ofA = held(world.a);
            assertThat(ofA & ofB).as("held twice").isZero();
            assertThat(map(world.words)).isEqualTo(ofA | ofB);
            return;
        }
        Map<Long, Long> words = new TreeMap<>(world.words);
        settle(words, (ClaimChunks) world.b.procedure);
        Party resolver = resolution(fault);
        while (!resolver.done()) {
            resolver = wholeChain(words, resolver);
        }
        assertThat(((ResolveSlots) resolver.procedure).resolved()).isTrue();
        assertThat(map(words)).as("in use in the end").isEqualTo(ofB);
        for (int slot : slotsOfA) {
            assertThat(words.getOrDefault(layout.journalSlot(slot), 0L)).isZero();
        }
    }

    private static int held(Party party) {
        return party.procedure instanceof ClaimChunks claim && claim.state() == ClaimChunks.State.CLAIMED
                ? claim.mask()
                : 0;
    }

    private void settle(Map<Long, Long> words, ClaimChunks claim) {
        boolean claimed = claim.state() == ClaimChunks.State.CLAIMED;
        for (int i = 0; i < slotsOfB.length; i++) {
            boolean holds = claimed && i < claim.blocks();
            long entry = holds ? JournalSlot.pendingChunks(0, 0xff << claim.chunk(i)) : 0;
            words.put(layout.journalSlot(slotsOfB[i]), holds ? JournalSlot.owned(entry) : 0);
        }
    }

    private int map(Map<Long, Long> words) {
        return SpanHeader.map(words.get(layout.spanHeader(0)));
    }

    private Map<Long, Long> words(int map) {
        Map<Long, Long> words = new TreeMap<>();
        words.put(layout.segmentOwner(A), (long) A);
        words.put(layout.segmentOwner(B), (long) B);
        words.put(layout.sectionWord(0), SectionWord.withStates(0, 1, SectionWord.OPEN));
        words.put(layout.spanHeader(0), SpanDecisions.opened(0, map));
        words.put(layout.journalSlot(slotsOfB[1]), JournalSlot.pendingChunks(0, 0xff)); // stale
        return words;
    }

    private ClaimChunks claim(int[] slots) {
        return new ClaimChunks(layout, ContentionThresholds.DEFAULT)
                .prepare(0, ORDER, slots, BLOCKS, BLOCKS, SpanDecisions.opened(0, 0));
    }

    private void claims(Fault fault) {
        Party a = party(claim(slotsOfA), posting);
        explore(new World(words(0), a, party(claim(slotsOfB), none -> {}), null), fault);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void everyBlockOfAClaimThatWasCutOffIsGivenBackAndNoOther(Fault fault) {
        claims(fault);

        assertThat(seen).hasSizeGreaterThan(300);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void everyBlockOfAFreeThatWasCutOffIsGivenBackAndNoOther(Fault fault) {
        Map<Long, Long> words = words(0xffff);
        FreeBlocks free = new FreeBlocks(layout).prepare();
        for (int i = 0; i < BLOCKS; i++) {
            long entry = JournalSlot.pendingChunks(0, 0xff << 8 * i);
            words.put(layout.journalSlot(slotsOfA[i]), JournalSlot.owned(entry));
            assertThat(free.add(entry, slotsOfA[i], 0, true)).isTrue();
        }

        explore(new World(words, party(free, posting), party(claim(slotsOfB), none -> {}), null), fault);

        assertThat(seen).hasSizeGreaterThan(100);
    }

    @Test
    void slotThatIsWrittenAfterTheCompareAndSwapIsNoticed() {
        for (int slot = 0; slot < BLOCKS; slot++) {
            int late = slot;
            posting = chain -> moveBehindAtomic(chain, late);
            for (Fault fault : Fault.values()) {
                seen.clear();
                assertThatThrownBy(() -> claims(fault))
                        .as("slot %d after the CAS, %s", late, fault)
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("in use in the end");
            }
        }
    }

    @Test
    void slotThatIsNotWrittenIsNoticed() {
        posting = chain -> chain.drop(chain.kind(1) == PostedChain.WRITE ? 1 : 0, 0);

        assertThatThrownBy(() -> claims(Fault.DEATH)).isInstanceOf(AssertionError.class);
    }

    private static void moveBehindAtomic(PostedChain chain, int slot) {
        int atomic = 0;
        while (chain.kind(atomic) != PostedChain.CAS) {
            atomic++;
        }
        if (slot < atomic) {
            chain.move(slot, atomic);
        }
    }
}
