package io.finemem.allocator.procedure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.WordMemory;
import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.RevokeEntry;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.api.ProtocolViolation;
import org.junit.jupiter.api.Test;

class StrictProceduresTest {
    private static final int SLOT = 9;
    private static final int SPAN = 3;
    private static final int MASK = 0xf0;
    private static final int RING = 4;

    private final MetadataLayout layout = new MetadataLayout(40, 4, 8, RING, 0);
    private final WordMemory memory = new WordMemory();
    private final RequestRevoke request = new RequestRevoke(layout);

    private long place(long position) {
        return layout.revokeEntry(1, position);
    }

    @Test
    void strictFreeIsOneWriteIntoTheRingOfTheSlotsSegment() {
        memory.run(request.prepare(SLOT, MASK, 6, 0));

        assertThat(memory.posted()).containsExactly("WRITE");
        assertThat(memory.get(place(6))).isEqualTo(RevokeEntry.of(2, SLOT, MASK));
        assertThat(place(6)).isEqualTo(place(2));
        assertThat(request.requested()).isTrue();
    }

    @Test
    void promiseIsWithdrawnBeforeTheEntry() {
        long pending = JournalSlot.pendingChunks(SPAN, MASK);
        memory.set(layout.journalSlot(SLOT), JournalSlot.owned(pending));

        memory.run(request.prepare(SLOT, MASK, 0, pending));

        assertThat(memory.posted()).containsExactly("WRITE WRITE");
        assertThat(memory.get(layout.journalSlot(SLOT))).isEqualTo(pending);
    }

    @Test
    void entryThatGotLostWithTheConnectionIsWrittenAgain() {
        memory.set(place(6), RevokeEntry.of(1, 0, 1));
        request.prepare(SLOT, MASK, 6, 0).lost();
        assertThat(request.requested()).isFalse();

        memory.run(request.resume());

        assertThat(memory.posted()).containsExactly("READ", "WRITE");
        assertThat(memory.get(place(6))).isEqualTo(RevokeEntry.of(2, SLOT, MASK));
    }

    @Test
    void entryThatWasWrittenIsNotWrittenAgainNotEvenWhenItsPlaceHasTheNextTurnsEntry() {
        for (int lap : new int[] {2, 3}) {
            long there = RevokeEntry.of(lap, SLOT + lap, 1);
            memory.set(place(6), there);
            request.prepare(SLOT, MASK, 6, 0).lost();

            memory.run(request.resume());

            assertThat(memory.get(place(6))).isEqualTo(there);
            assertThat(request.requested()).isTrue();
        }
        assertThat(memory.posted()).containsExactly("READ", "READ");
    }

    @Test
    void blocksOfOneWordAreClearedByOneFetchAdd() {
        memory.set(layout.spanHeader(SPAN), SpanDecisions.opened(0, 0xff));
        memory.set(layout.sectionWord(2), SectionDecisions.taken(0, 0xf));
        ClearUnits clear = new ClearUnits(layout);
        clear.addChunks(SPAN, 0xf0);
        clear.addChunks(SPAN, 0x3);
        clear.addSpans(2, 0x3);

        memory.run(clear);

        assertThat(memory.posted()).containsExactly("FETCH_ADD FETCH_ADD");
        assertThat(SpanHeader.map(memory.get(layout.spanHeader(SPAN)))).isEqualTo(0xc);
        assertThat(SectionWord.takenSpans(memory.get(layout.sectionWord(2)))).isEqualTo(0xc);
    }

    @Test
    void moreWordsThanAChainHoldsAreClearedOnceEach() {
        ClearUnits clear = new ClearUnits(layout);
        for (int section = 0; section < 40; section++) {
            memory.set(layout.sectionWord(section), SectionDecisions.taken(0, 0xffff));
            clear.addSpans(section, 0xffff);
        }

        memory.run(clear);

        assertThat(memory.posted()).hasSize(2);
        for (int section = 0; section < 40; section++) {
            assertThat(SectionWord.takenSpans(memory.get(layout.sectionWord(section))))
                    .isZero();
        }
    }

    @Test
    void clearingWhatIsNotInUseIsACorruption() {
        ClearUnits clear = new ClearUnits(layout);
        clear.addChunks(SPAN, 1);

        assertThatThrownBy(() -> memory.run(clear)).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void claimOfSeveralSectionsReadsAKeyPerSection() {
        int whole = CapabilityWord.spanNode(0, 4);
        for (int section = 0; section < 40; section++) {
            memory.set(
                    layout.spanCapability(section, whole),
                    CapabilityWord.with(memory.get(layout.spanCapability(section, whole)), whole, 100 + section));
        }
        ClaimSections claim = new ClaimSections(layout).prepare(5, 20, SLOT);
        for (int i = 0; i < 20; i++) {
            claim.expect(i, 0);
        }

        memory.run(claim);

        assertThat(claim.state()).isEqualTo(ClaimSections.State.CLAIMED);
        assertThat(claim.rkeys()).hasSize(20).startsWith(105, 106).endsWith(124);
        assertThat(claim.rkey()).isEqualTo(105);
        assertThat(memory.posted()).as("16 sections to a chain").hasSize(2);
    }

    @Test
    void scatteredWordsAreReadInOneChain() {
        memory.set(layout.spanHeader(7), 70);
        memory.set(layout.sectionWord(1), 10);
        ReadWords read = new ReadWords().prepare();
        read.add(layout.spanHeader(7));
        read.add(layout.sectionWord(1));

        memory.run(read);

        assertThat(memory.posted()).containsExactly("READ READ");
        assertThat(read.value(0)).isEqualTo(70);
        assertThat(read.value(1)).isEqualTo(10);
    }
}
