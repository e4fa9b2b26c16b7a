package io.finemem.allocator.procedure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.api.ProtocolViolation;
import org.junit.jupiter.api.Test;

class SpanProceduresTest {
    private static final int ALL = 0xffff;
    private static final int SLOT = 5;

    private final MetadataLayout layout = MetadataLayout.of(80, 4);
    private final WordMemory memory = new WordMemory();
    private final ClaimSpans claim = new ClaimSpans(layout);
    private final ClaimSections claimSections = new ClaimSections(layout);
    private final FreeSpans free = new FreeSpans(layout);

    private long word(int section) {
        return memory.get(layout.sectionWord(section));
    }

    private long slot() {
        return memory.get(layout.journalSlot(SLOT));
    }

    private ClaimSections prepared(int first, int count) {
        claimSections.prepare(first, count, SLOT);
        for (int i = 0; i < count; i++) {
            claimSections.expect(i, word(first + i));
        }
        return claimSections;
    }

    @Test
    void claimOfSpansIsOneChain() {
        memory.set(layout.sectionWord(1), SectionDecisions.opened(0, 1));
        int node = CapabilityWord.spanNode(4, 2);
        memory.set(layout.spanCapability(1, node), CapabilityWord.of(7, 8));

        memory.run(claim.prepare(1, 2, SLOT, word(1)));

        assertThat(claim.state()).isEqualTo(ClaimSpans.State.CLAIMED);
        assertThat(memory.posted()).containsExactly("WRITE CAS READ");
        assertThat(claim.firstSpan())
                .as("span 1 is open, so the first aligned run of 4 starts at 4")
                .isEqualTo(4);
        assertThat(SectionWord.takenSpans(word(1))).isEqualTo(0xf0);
        assertThat(slot()).isEqualTo(JournalSlot.pendingSpans(1, 0xf0));
        assertThat(claim.rkey()).isEqualTo(node % 2 == 0 ? 7 : 8);
    }

    @Test
    void claimOfSpansMovesOnAfterAConflict() {
        memory.beforeNextChain(() -> memory.set(layout.sectionWord(1), SectionDecisions.taken(0, 0xff)));

        memory.run(claim.prepare(1, 3, SLOT, 0));

        assertThat(claim.state()).isEqualTo(ClaimSpans.State.CLAIMED);
        assertThat(claim.firstSpan()).isEqualTo(8);
        assertThat(claim.failedAttempts()).isEqualTo(1);
        assertThat(slot()).isEqualTo(JournalSlot.pendingSpans(1, 0xff00));
    }

    @Test
    void claimOfSpansIsRefusedWhenNoAlignedRunIsEmpty() {
        memory.beforeNextChain(() -> memory.set(layout.sectionWord(1), SectionDecisions.opened(0, 9)));

        memory.run(claim.prepare(1, 4, SLOT, 0));

        assertThat(claim.state()).isEqualTo(ClaimSpans.State.REFUSED);
        assertThat(SectionWord.takenSpans(word(1))).isZero();
    }

    @Test
    void claimOfFourSectionsIsOneChain() {
        memory.run(prepared(2, 4));

        assertThat(claimSections.state()).isEqualTo(ClaimSections.State.CLAIMED);
        assertThat(memory.posted()).containsExactly("WRITE CAS CAS CAS CAS READ");
        assertThat(slot()).isEqualTo(JournalSlot.pendingSections(2, 4));
        for (int section = 2; section < 6; section++) {
            assertThat(SectionWord.takenSpans(word(section))).isEqualTo(ALL);
        }
        assertThat(word(1)).isZero();
        assertThat(word(6)).isZero();
    }

    @Test
    void sectionsWonAreTakenBackWhenOneIsLost() {
        memory.beforeNextChain(() -> memory.set(layout.sectionWord(3), SectionDecisions.opened(0, 0)));

        memory.run(prepared(2, 4));

        assertThat(claimSections.state()).isEqualTo(ClaimSections.State.REFUSED);
        assertThat(memory.posted()).containsExactly("WRITE CAS CAS CAS CAS READ", "FETCH_ADD FETCH_ADD FETCH_ADD");
        for (int section = 2; section < 6; section++) {
            assertThat(SectionWord.takenSpans(word(section))).isZero();
            assertThat(claimSections.word(section - 2)).isEqualTo(word(section));
        }
        assertThat(SectionWord.openSpans(word(3))).isEqualTo(1);
    }

    @Test
    void longRunsTakeSeveralChainsAndAreTakenBackWhole() {
        int count = 2 * ClaimSections.SECTIONS_PER_CHAIN + 3;
        memory.set(layout.sectionWord(count - 1), SectionWord.nextVersion(0));
        claimSections.prepare(0, count, SLOT);
        for (int i = 0; i < count; i++) {
            claimSections.expect(i, 0);
        }

        memory.run(claimSections);

        assertThat(claimSections.state()).isEqualTo(ClaimSections.State.REFUSED);
        for (int section = 0; section < count; section++) {
            assertThat(SectionWord.takenSpans(word(section))).isZero();
        }

        memory.run(prepared(0, count));

        assertThat(claimSections.state()).isEqualTo(ClaimSections.State.CLAIMED);
        assertThat(SectionWord.takenSpans(word(count - 1))).isEqualTo(ALL);
    }

    @Test
    void sectionInUseRefusesTheClaimWithoutAChain() {
        memory.set(layout.sectionWord(3), SectionDecisions.opened(0, 0));

        memory.run(prepared(2, 4));

        assertThat(claimSections.state()).isEqualTo(ClaimSections.State.REFUSED);
        assertThat(memory.posted()).isEmpty();
    }

    @Test
    void freeOfSpansIsOneFetchAddPerSection() {
        memory.run(prepared(2, 3));
        memory.posted().clear();

        memory.run(free.prepare(2, 3, ALL, SLOT, 0));

        assertThat(free.freed()).isTrue();
        assertThat(memory.posted()).containsExactly("FETCH_ADD FETCH_ADD FETCH_ADD");
        assertThat(SectionWord.emptySpans(word(4))).isEqualTo(ALL);
        assertThat(free.word(2)).isEqualTo(word(4));
    }

    @Test
    void freeOfAConfirmedBlockWithdrawsThePromiseFirst() {
        memory.run(claim.prepare(1, 1, SLOT, 0));
        memory.set(layout.journalSlot(SLOT), JournalSlot.owned(slot()));

        memory.run(free.prepare(1, 1, claim.spanMask(), SLOT, JournalSlot.pendingSpans(1, claim.spanMask())));

        assertThat(memory.posted()).last().isEqualTo("WRITE FETCH_ADD");
        assertThat(JournalSlot.kind(slot())).isEqualTo(JournalSlot.PENDING);
    }

    @Test
    void freeOfSpansThatAreNotTakenIsReportedAsCorruption() {
        assertThatThrownBy(() -> memory.run(free.prepare(1, 1, 1, SLOT, 0)))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("section=1");
    }
}
