package io.finemem.allocator.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.decision.ResumeDecisions.Verdict;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.SpanHeader;
import org.junit.jupiter.api.Test;

class ResumeDecisionsTest {
    private static final long CHUNKS = JournalSlot.pendingChunks(3, 0b1100);

    @Test
    void emptySlotIsFree() {
        assertThat(ResumeDecisions.words(0)).isZero();
        assertThat(ResumeDecisions.of(0, 0, 0)).isEqualTo(Verdict.FREE);
        assertThat(ResumeDecisions.of(0, CHUNKS, 0)).isEqualTo(Verdict.FREE);
    }

    @Test
    void blockIsHeldIfItWasRecordedAndAllItsUnitsAreInUse() {
        assertThat(ResumeDecisions.of(CHUNKS, CHUNKS, 1)).isEqualTo(Verdict.HELD);
        assertThat(ResumeDecisions.of(JournalSlot.owned(CHUNKS), CHUNKS, 1)).isEqualTo(Verdict.HELD);
    }

    @Test
    void whatIsInUseAndNotRecordedSoIsInDoubt() {
        assertThat(ResumeDecisions.of(CHUNKS, 0, 1)).isEqualTo(Verdict.DOUBT);
        assertThat(ResumeDecisions.of(CHUNKS, JournalSlot.pendingChunks(3, 0b1000), 1))
                .isEqualTo(Verdict.DOUBT);
        assertThat(ResumeDecisions.of(CHUNKS, JournalSlot.pendingChunks(4, 0b1100), 1))
                .isEqualTo(Verdict.DOUBT);
    }

    @Test
    void entryOfUnitsThatAreNotAllInUseIsStaleAlsoIfItWasRecorded() {
        assertThat(ResumeDecisions.of(CHUNKS, CHUNKS, 0)).isEqualTo(Verdict.FREE);
    }

    @Test
    void runOfSectionsIsStaleOnlyIfNoneOfThemIsInUse() {
        long run = JournalSlot.pendingSections(5, 3);
        assertThat(ResumeDecisions.words(run)).isEqualTo(3);
        assertThat(ResumeDecisions.of(run, run, 3)).isEqualTo(Verdict.HELD);
        assertThat(ResumeDecisions.of(run, run, 2)).isEqualTo(Verdict.DOUBT);
        assertThat(ResumeDecisions.of(run, 0, 1)).isEqualTo(Verdict.DOUBT);
        assertThat(ResumeDecisions.of(run, 0, 0)).isEqualTo(Verdict.FREE);
    }

    @Test
    void transitionIsAlwaysInDoubt() {
        assertThat(ResumeDecisions.words(JournalSlot.transition(3))).isZero();
        assertThat(ResumeDecisions.of(JournalSlot.transition(3), 0, 0)).isEqualTo(Verdict.DOUBT);
    }

    @Test
    void unitsAreInUseIfAllTheirBitsAreSet() {
        long header = SpanHeader.withMap(0, 0b1100);
        assertThat(ResumeDecisions.inUse(CHUNKS, header)).isTrue();
        assertThat(ResumeDecisions.inUse(CHUNKS, SpanHeader.withMap(header, 0b1000)))
                .isFalse();
        assertThat(ResumeDecisions.inUse(JournalSlot.pendingSections(5, 3), -1L))
                .isTrue();
        assertThat(ResumeDecisions.inUse(JournalSlot.pendingSections(5, 3), 0)).isFalse();
    }
}
