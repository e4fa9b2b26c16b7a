package io.finemem.allocator.procedure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.api.ProtocolViolation;
import org.junit.jupiter.api.Test;

class ProceduresTest {
    private static final int SPAN = 17;
    private static final int SECTION = 1;
    private static final int SLOT = 5;
    private static final int TRANSITION_SLOT = 6;

    private final MetadataLayout layout = MetadataLayout.of(2, 4);
    private final WordMemory memory = new WordMemory();
    private final ClaimChunks claim = new ClaimChunks(layout, ContentionThresholds.DEFAULT);
    private final FreeChunks free = new FreeChunks(layout);
    private final OpenSpan open = new OpenSpan(layout);
    private final CloseSpan close = new CloseSpan(layout);

    private long header() {
        return memory.get(layout.spanHeader(SPAN));
    }

    private long section() {
        return memory.get(layout.sectionWord(SECTION));
    }

    private long slot(int slot) {
        return memory.get(layout.journalSlot(slot));
    }

    private void openSpan() {
        memory.run(open.prepare(SPAN, 0, TRANSITION_SLOT, SLOT, section()));
        assertThat(open.state()).isEqualTo(OpenSpan.State.OPENED);
    }

    @Test
    void claimIsOneChainOfJournalWriteCompareAndSwapAndCapabilityRead() {
        openSpan();
        int node = CapabilityWord.node(2, 1);
        memory.set(layout.capability(SPAN, node), CapabilityWord.of(111, 222));

        memory.run(claim.prepare(SPAN, 1, 9, header()));

        assertThat(claim.state()).isEqualTo(ClaimChunks.State.CLAIMED);
        assertThat(memory.posted()).last().isEqualTo("WRITE CAS READ");
        assertThat(claim.chunk()).isEqualTo(2);
        assertThat(claim.rkey()).isEqualTo(node % 2 == 0 ? 111 : 222);
        assertThat(slot(9)).isEqualTo(JournalSlot.pendingChunks(SPAN, 0b1100));
        assertThat(header()).isEqualTo(claim.header());
        assertThat(SpanHeader.map(header())).isEqualTo(0b1101);
    }

    @Test
    void conflictCostsOneMoreChainAndOverwritesTheSlot() {
        openSpan();
        long stale = header();
        memory.beforeNextChain(() -> memory.set(layout.spanHeader(SPAN), SpanDecisions.claimed(stale, 0b10, 0)));

        memory.run(claim.prepare(SPAN, 0, 9, stale));

        assertThat(claim.state()).isEqualTo(ClaimChunks.State.CLAIMED);
        assertThat(claim.failedAttempts()).isEqualTo(1);
        assertThat(claim.chunk()).isEqualTo(2);
        assertThat(slot(9)).isEqualTo(JournalSlot.pendingChunks(SPAN, 0b100));
        assertThat(memory.posted()).endsWith("WRITE CAS READ", "WRITE CAS READ");
    }

    @Test
    void claimIsRefusedInASpanThatWasClosedMeanwhile() {
        openSpan();
        long stale = header();
        memory.beforeNextChain(() -> memory.set(layout.spanHeader(SPAN), 0));

        memory.run(claim.prepare(SPAN, 0, 9, stale));

        assertThat(claim.state()).isEqualTo(ClaimChunks.State.REFUSED);
        assertThat(header()).isZero();
    }

    @Test
    void claimIsRefusedWithoutAChainWhenNothingFits() {
        memory.run(claim.prepare(SPAN, 4, 9, SpanDecisions.opened(0, 0x0001_0001)));

        assertThat(claim.state()).isEqualTo(ClaimChunks.State.REFUSED);
        assertThat(memory.posted()).isEmpty();
    }

    @Test
    void claimGivesUpAContendedSpanAfterABoundedNumberOfAttempts() {
        openSpan();
        ClaimChunks contended = claim.prepare(SPAN, 0, 9, header());
        memory.beforeNextChain(this::bump);

        memory.run(contended);

        assertThat(contended.state()).isEqualTo(ClaimChunks.State.REFUSED);
        assertThat(contended.failedAttempts()).isEqualTo(ContentionThresholds.DEFAULT.high() + 1);
    }

    private void bump() {
        memory.set(layout.spanHeader(SPAN), SpanHeader.nextVersion(header()));
        memory.beforeNextChain(this::bump);
    }

    @Test
    void freeIsOneFetchAddAndLeavesAStaleEntry() {
        openSpan();
        memory.run(claim.prepare(SPAN, 2, 9, header()));
        long before = header();

        memory.run(free.prepare(SPAN, claim.mask(), 9, false));

        assertThat(memory.posted()).last().isEqualTo("FETCH_ADD");
        assertThat(free.freed()).isTrue();
        assertThat(free.header()).isEqualTo(header()).isEqualTo(SpanDecisions.freed(before, 0xf0));
        assertThat(slot(9)).isEqualTo(JournalSlot.pendingChunks(SPAN, 0xf0));
    }

    @Test
    void freeOfAConfirmedBlockWithdrawsThePromiseFirst() {
        openSpan();
        memory.set(layout.journalSlot(SLOT), JournalSlot.owned(slot(SLOT)));

        memory.run(free.prepare(SPAN, 1, SLOT, true));

        assertThat(memory.posted()).last().isEqualTo("WRITE FETCH_ADD");
        assertThat(JournalSlot.kind(slot(SLOT))).isEqualTo(JournalSlot.PENDING);
    }

    @Test
    void freeOfAChunkThatIsNotInUseIsReportedAsCorruption() {
        openSpan();

        assertThatThrownBy(() -> memory.run(free.prepare(SPAN, 0b10, SLOT, false)))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("span=17");
    }

    @Test
    void openingTakesTwoChainsAndClaimsTheFirstBlock() {
        memory.run(open.prepare(SPAN, 3, TRANSITION_SLOT, SLOT, section()));

        assertThat(open.state()).isEqualTo(OpenSpan.State.OPENED);
        assertThat(memory.posted()).containsExactly("WRITE CAS READ", "WRITE CAS READ");
        assertThat(SectionWord.state(section(), 1)).isEqualTo(SectionWord.OPEN);
        assertThat(SpanHeader.open(header())).isTrue();
        assertThat(SpanHeader.map(header())).isEqualTo(0xff);
        assertThat(slot(TRANSITION_SLOT)).isEqualTo(JournalSlot.transition(SPAN));
        assertThat(slot(SLOT)).isEqualTo(JournalSlot.pendingChunks(SPAN, 0xff));
    }

    @Test
    void openingOfASpanTakenWholeMeanwhileLeavesTheHeaderAlone() {
        memory.beforeNextChain(
                () -> memory.set(layout.sectionWord(SECTION), SectionWord.withState(0, 1, SectionWord.TAKEN)));

        memory.run(open.prepare(SPAN, 0, TRANSITION_SLOT, SLOT, 0));

        assertThat(open.state()).isEqualTo(OpenSpan.State.REFUSED);
        assertThat(header()).isZero();
        assertThat(memory.posted()).hasSize(1);
    }

    @Test
    void openingGoesOnWhenOnlyAnotherSpanOfTheSectionChanged() {
        memory.beforeNextChain(() -> memory.set(layout.sectionWord(SECTION), SectionDecisions.opened(0, 0)));

        memory.run(open.prepare(SPAN, 0, TRANSITION_SLOT, SLOT, 0));

        assertThat(open.state()).isEqualTo(OpenSpan.State.OPENED);
        assertThat(open.failedAttempts()).isEqualTo(1);
    }

    @Test
    void reopenedSpanKeepsCountingVersions() {
        openSpan();
        memory.run(free.prepare(SPAN, 1, SLOT, false));
        memory.run(close.prepare(SPAN, TRANSITION_SLOT, header(), section()));
        int version = SpanHeader.version(header());
        memory.posted().clear();

        openSpan();

        assertThat(memory.posted()).as("the READ brought the version").hasSize(2);
        assertThat(SpanHeader.version(header())).isEqualTo(version + 1);
    }

    @Test
    void closingTakesTwoChains() {
        openSpan();
        memory.run(free.prepare(SPAN, 1, SLOT, false));
        memory.posted().clear();

        memory.run(close.prepare(SPAN, TRANSITION_SLOT, header(), section()));

        assertThat(close.state()).isEqualTo(CloseSpan.State.CLOSED);
        assertThat(memory.posted()).containsExactly("WRITE CAS", "CAS");
        assertThat(SectionWord.state(section(), 1)).isEqualTo(SectionWord.EMPTY);
        assertThat(SpanHeader.open(header())).isFalse();
    }

    @Test
    void closingIsDroppedWhenSomebodyClaimsMeanwhile() {
        openSpan();
        memory.run(free.prepare(SPAN, 1, SLOT, false));
        long empty = header();
        memory.beforeNextChain(() -> memory.set(layout.spanHeader(SPAN), SpanDecisions.claimed(empty, 1, 0)));

        memory.run(close.prepare(SPAN, TRANSITION_SLOT, empty, section()));

        assertThat(close.state()).isEqualTo(CloseSpan.State.REFUSED);
        assertThat(SpanHeader.open(header())).isTrue();
        assertThat(SectionWord.state(section(), 1)).isEqualTo(SectionWord.OPEN);
    }

    @Test
    void closingSucceedsWhenAHintOrANeighbourChangedTheSectionMeanwhile() {
        openSpan();
        memory.run(free.prepare(SPAN, 1, SLOT, false));
        long stale = section();
        memory.set(layout.sectionWord(SECTION), SectionWord.withState(stale, 1, SectionWord.DISCOURAGED));

        memory.run(close.prepare(SPAN, TRANSITION_SLOT, header(), stale));

        assertThat(close.state()).isEqualTo(CloseSpan.State.CLOSED);
        assertThat(SectionWord.state(section(), 1)).isEqualTo(SectionWord.EMPTY);
    }

    @Test
    void lostConnectionLeavesAProcedureFinishedAndInDoubt() {
        ClaimChunks lost =
                claim.prepare(SPAN, 0, SLOT, SpanDecisions.opened(0, 0)).copy();
        lost.lost();
        memory.run(lost);

        assertThat(lost.state()).isEqualTo(ClaimChunks.State.IN_DOUBT);
        assertThat(claim.state()).as("the original is independent of its copy").isEqualTo(ClaimChunks.State.ATTEMPT);
        assertThat(memory.posted()).isEmpty();
    }
}
