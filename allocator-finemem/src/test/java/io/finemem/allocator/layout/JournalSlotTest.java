package io.finemem.allocator.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class JournalSlotTest {
    private static final int LAST_UNIT = (1 << 28) - 1;

    @Test
    void goldenWordReadsAsDrawn() {
        long slot = JournalSlot.pendingChunks(3, 0xff);

        assertThat(slot).isEqualTo(0x4000_0003_0000_00ffL);
        assertThat(JournalSlot.kind(slot)).isEqualTo(JournalSlot.PENDING);
        assertThat(JournalSlot.type(slot)).isEqualTo(JournalSlot.CHUNKS);
        assertThat(JournalSlot.toString(slot)).isEqualTo("slot{PENDING chunks span=3 mask=000000ff}");
    }

    @Test
    void everyFieldHoldsItsExtremes() {
        long slot = JournalSlot.owned(JournalSlot.pendingSections(LAST_UNIT, -1));

        assertThat(JournalSlot.kind(slot)).isEqualTo(JournalSlot.OWNED);
        assertThat(JournalSlot.type(slot)).isEqualTo(JournalSlot.SECTIONS);
        assertThat(JournalSlot.unit(slot)).isEqualTo(LAST_UNIT);
        assertThat(JournalSlot.mask(slot)).isEqualTo(-1);
    }

    @Test
    void unitOutOfRangeIsRefusedAndDoesNotSpill() {
        assertThatThrownBy(() -> JournalSlot.transition(LAST_UNIT + 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> JournalSlot.transition(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void coversOnlyChunksOfItsSpan() {
        assertThat(JournalSlot.coveredChunks(JournalSlot.pendingChunks(7, 0xf0), 7))
                .isEqualTo(0xf0);
        assertThat(JournalSlot.coveredChunks(JournalSlot.pendingChunks(7, 0xf0), 8))
                .isZero();
        assertThat(JournalSlot.coveredChunks(JournalSlot.pendingSpans(7, 0xf0), 7))
                .isZero();
        assertThat(JournalSlot.coveredChunks(JournalSlot.transition(7), 7)).isZero();
        assertThat(JournalSlot.coveredChunks(0, 0)).isZero();
    }
}
