package io.finemem.allocator.procedure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.WordMemory;
import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.api.ProtocolViolation;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchProceduresTest {
    private static final int SPAN = 17;
    private static final int SECTION = 1;
    private static final int[] SLOTS = IntStream.range(8, 40).toArray();
    private static final long OPEN_AND_EMPTY = SpanDecisions.opened(0, 0);

    private final MetadataLayout layout = MetadataLayout.of(2, 4);
    private final WordMemory memory = new WordMemory();
    private final ClaimChunks claim = new ClaimChunks(layout, ContentionThresholds.DEFAULT);
    private final ClaimSpans claimSpans = new ClaimSpans(layout);
    private final OpenSpan open = new OpenSpan(layout);
    private final FreeBlocks free = new FreeBlocks(layout);

    private long header() {
        return memory.get(layout.spanHeader(SPAN));
    }

    private void header(long header) {
        memory.set(layout.spanHeader(SPAN), header);
    }

    private long slot(int index) {
        return memory.get(layout.journalSlot(SLOTS[index]));
    }

    @Test
    void everyBlockHasItsSlotBeforeTheOneCompareAndSwap() {
        header(OPEN_AND_EMPTY);

        memory.run(claim.prepare(SPAN, 1, SLOTS, 3, 3, OPEN_AND_EMPTY));

        assertThat(claim.state()).isEqualTo(ClaimChunks.State.CLAIMED);
        assertThat(memory.posted()).containsExactly("WRITE WRITE WRITE CAS READ");
        assertThat(claim.blocks()).isEqualTo(3);
        for (int i = 0; i < 3; i++) {
            assertThat(claim.chunk(i)).isEqualTo(2 * i);
            assertThat(slot(i)).isEqualTo(JournalSlot.pendingChunks(SPAN, 0b11 << 2 * i));
        }
        assertThat(header()).isEqualTo(claim.header()).isEqualTo(SpanDecisions.claimed(OPEN_AND_EMPTY, 0b111111, 0));
    }

    @Test
    void inStrictIsolationNeighboursShareAReadAndEachHasItsOwnRkey() {
        MetadataLayout strict = MetadataLayout.strict(2, 4);
        ClaimChunks keyed = new ClaimChunks(strict, ContentionThresholds.DEFAULT);
        long before = SpanDecisions.opened(0, 0b1001);
        memory.set(strict.spanHeader(SPAN), before);
        for (int chunk = 0; chunk < 8; chunk += 2) {
            int node = CapabilityWord.node(chunk, 0);
            memory.set(strict.capability(SPAN, node), CapabilityWord.of(100 + chunk, 101 + chunk));
        }

        memory.run(keyed.prepare(SPAN, 0, SLOTS, 4, 4, before));

        assertThat(memory.posted()).containsExactly("WRITE WRITE WRITE WRITE CAS READ READ READ");
        assertThat(IntStream.range(0, 4).map(keyed::chunk)).containsExactly(1, 2, 4, 5);
        assertThat(IntStream.range(0, 4).map(keyed::rkey)).containsExactly(101, 102, 104, 105);
    }

    @Test
    void asManyBlocksAreClaimedAsFit() {
        long before = SpanDecisions.opened(0, ~0b1011_0000);
        header(before);

        memory.run(claim.prepare(SPAN, 0, SLOTS, 32, 32, before));

        assertThat(claim.blocks()).isEqualTo(3);
        assertThat(IntStream.range(0, 3).map(claim::chunk)).containsExactly(4, 5, 7);
        assertThat(SpanHeader.map(header())).isEqualTo(-1);
        assertThat(slot(3)).as("a slot without a block is not written").isZero();
    }

    @Test
    void slotsOfAFailedAttemptAreOverwrittenOrSayNothing() {
        header(OPEN_AND_EMPTY);
        memory.beforeNextChain(() -> header(SpanDecisions.claimed(OPEN_AND_EMPTY, ~0b110, 0)));

        memory.run(claim.prepare(SPAN, 0, SLOTS, 4, 4, OPEN_AND_EMPTY));

        assertThat(claim.blocks()).isEqualTo(2);
        assertThat(claim.failedAttempts()).isEqualTo(1);
        assertThat(slot(0)).isEqualTo(JournalSlot.pendingChunks(SPAN, 0b10));
        assertThat(slot(1)).isEqualTo(JournalSlot.pendingChunks(SPAN, 0b100));
        assertThat(slot(2)).as("stale, of the first attempt").isEqualTo(JournalSlot.pendingChunks(SPAN, 0b100));
    }

    @Test
    void whereOthersWorkNothingIsClaimedAhead() {
        header(OPEN_AND_EMPTY);
        memory.beforeNextChain(() -> header(SpanDecisions.claimed(OPEN_AND_EMPTY, 1, 0)));

        memory.run(claim.prepare(SPAN, 0, SLOTS, 8, 1, OPEN_AND_EMPTY));

        assertThat(claim.blocks()).isEqualTo(1);
        assertThat(SpanHeader.map(header())).isEqualTo(0b11);
    }

    @Test
    void wholeSpanIsOneChainOfTheLongestLength() {
        MetadataLayout strict = MetadataLayout.strict(2, 4);
        memory.set(strict.spanHeader(SPAN), OPEN_AND_EMPTY);

        memory.run(
                new ClaimChunks(strict, ContentionThresholds.DEFAULT).prepare(SPAN, 0, SLOTS, 32, 32, OPEN_AND_EMPTY));

        assertThat(memory.posted().get(0).split(" ")).hasSize(WordChain.MAX_ELEMENTS);
        assertThat(SpanHeader.map(memory.get(strict.spanHeader(SPAN)))).isEqualTo(-1);
    }

    @Test
    void spanIsOpenedWithSeveralBlocksInside() {
        memory.run(open.prepare(SPAN, 3, 5, SLOTS, 9, 0));

        assertThat(open.state()).isEqualTo(OpenSpan.State.OPENED);
        assertThat(memory.posted()).containsExactly("WRITE CAS READ", "WRITE WRITE WRITE WRITE CAS READ");
        assertThat(open.blocks()).as("four of 32 KiB fit").isEqualTo(4);
        assertThat(slot(3)).isEqualTo(JournalSlot.pendingChunks(SPAN, 0xff00_0000));
        assertThat(header()).isEqualTo(SpanDecisions.opened(0, -1));
    }

    @Test
    void spansOfASectionAreClaimedByOneCompareAndSwap() {
        long before = SectionDecisions.opened(0, 2);
        memory.set(layout.sectionWord(SECTION), before);

        memory.run(claimSpans.prepare(SECTION, 1, SLOTS, 3, before));

        assertThat(claimSpans.state()).isEqualTo(ClaimSpans.State.CLAIMED);
        assertThat(memory.posted()).containsExactly("WRITE WRITE WRITE CAS READ");
        assertThat(IntStream.range(0, 3).map(claimSpans::firstSpan)).containsExactly(0, 4, 6);
        assertThat(slot(1)).isEqualTo(JournalSlot.pendingSpans(SECTION, 0b11_0000));
        assertThat(SectionWord.takenSpans(memory.get(layout.sectionWord(SECTION))))
                .isEqualTo(0b1111_0011);
    }

    @Test
    void blocksOfOneWordAreFreedByOneFetchAddAfterAllPromisesAreWithdrawn() {
        header(SpanDecisions.opened(0, 0b1111_0111));
        memory.set(layout.sectionWord(SECTION), SectionDecisions.taken(0, 0b11));
        free.prepare();
        assertThat(free.add(JournalSlot.pendingChunks(SPAN, 0b11), SLOTS[0], 0, true))
                .isTrue();
        assertThat(free.add(JournalSlot.pendingSpans(SECTION, 0b11), SLOTS[1], 0b11, true))
                .isTrue();
        assertThat(free.add(JournalSlot.pendingChunks(SPAN, 0b1111_0000), SLOTS[2], 0, false))
                .isTrue();

        memory.run(free);

        assertThat(memory.posted()).containsExactly("WRITE WRITE FETCH_ADD FETCH_ADD");
        assertThat(free.freed()).isTrue();
        assertThat(SpanHeader.map(header())).isEqualTo(0b100);
        assertThat(free.left(0)).isEqualTo(header());
        assertThat(free.left(1)).isEqualTo(memory.get(layout.sectionWord(SECTION)));
        assertThat(SectionWord.takenSpans(free.left(1))).isZero();
        assertThat(slot(0)).isEqualTo(JournalSlot.pendingChunks(SPAN, 0b11));
        assertThat(slot(2)).as("not confirmed, not written").isZero();
    }

    @Test
    void chainThatIsFullTakesNoMoreBlocks() {
        free.prepare();
        int added = 0;
        while (free.add(JournalSlot.pendingChunks(added % 32, 1 << added / 32), added, 0, true)) {
            added++;
        }

        assertThat(added + free.words()).isLessThanOrEqualTo(WordChain.MAX_ELEMENTS);
        assertThat(free.add(JournalSlot.pendingSections(0, WordChain.MAX_ELEMENTS), 99, 0xffff, true))
                .isFalse();
        assertThat(free.prepare().add(JournalSlot.pendingSections(0, WordChain.MAX_ELEMENTS), 99, 0xffff, true))
                .as("too long for any chain")
                .isFalse();
    }

    @Test
    void freeOfABlockThatIsNotInUseIsAViolation() {
        header(SpanDecisions.opened(0, 0b1));
        free.prepare().add(JournalSlot.pendingChunks(SPAN, 0b11), SLOTS[0], 0, false);

        assertThatThrownBy(() -> memory.run(free))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("span=" + SPAN);
    }

    @Test
    void copyGoesItsOwnWay() {
        header(OPEN_AND_EMPTY);
        claim.prepare(SPAN, 0, SLOTS, 5, 5, OPEN_AND_EMPTY);
        ClaimChunks copy = claim.copy();

        memory.run(copy);

        assertThat(copy.blocks()).isEqualTo(5);
        assertThat(claim.state()).isEqualTo(ClaimChunks.State.ATTEMPT);
        memory.run(claim.prepare(SPAN, 2, SLOTS, 2, 2, header()));
        assertThat(IntStream.range(0, 5).map(copy::chunk)).containsExactly(0, 1, 2, 3, 4);
    }
}
