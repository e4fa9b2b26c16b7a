package io.finemem.service.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.ProtocolViolation;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class SegmentTest {
    private final ByteBuffer memory = ByteBuffer.allocateDirect(SegmentLayout.bytes(3));
    private final Segment service = Segment.format(memory, 3);
    private final Segment client = Segment.open(memory, 3);

    @Test
    void mailboxesAreOnCacheLinesOfTheirOwnAndEndWithTheSegment() {
        assertThat(SegmentLayout.MAILBOX_BYTES % (2 * SegmentLayout.LINE_BYTES)).isZero();
        assertThat(SegmentLayout.mailboxAt(3)).isEqualTo(memory.capacity());
        assertThat(SegmentLayout.ARGUMENT + Long.BYTES).isLessThanOrEqualTo(SegmentLayout.RESPONSE_SEQUENCE);
        assertThat(SegmentLayout.RECORD_GENERATION + Integer.BYTES).isEqualTo(SegmentLayout.RECORD_BYTES);
    }

    @Test
    void whatOneSideWritesTheOtherReads() {
        client.mailbox(2).putRequestWord(63, -2);
        client.mailbox(2).publish(1, Opcode.FREE, 64, Long.MIN_VALUE);
        Mailbox served = service.mailbox(2);
        long[] words = new long[64];
        served.copyRequestWords(words, 64);
        assertThat(words[63]).isEqualTo(-2);
        assertThat(served.requestSequence()).isEqualTo(1);
        assertThat(served.requestOpcode()).isEqualTo(Opcode.FREE);
        assertThat(served.requestCount()).isEqualTo(64);
        assertThat(served.requestArgument()).isEqualTo(Long.MIN_VALUE);

        BlockRecord first = new BlockRecord(1L << 40, 4096, 512, -3, 63, true, -1);
        BlockRecord last = new BlockRecord(-1, -4096, 1, 3, 0, false, 7);
        served.putRecord(0, first);
        served.putRecord(63, last);
        served.answer(1, 64);
        assertThat(client.mailbox(2).responseSequence()).isEqualTo(1);
        assertThat(client.mailbox(2).record(0)).isEqualTo(first);
        assertThat(client.mailbox(2).record(63)).isEqualTo(last);
        assertThat(client.mailbox(1).responseSequence()).isZero();
    }

    @Test
    void aLongErrorTextIsCutToTheMailbox() {
        service.mailbox(0).fail(1, 200, "t".repeat(SegmentLayout.MAX_TEXT + 1));
        assertThat(client.mailbox(0).text()).isEqualTo("t".repeat(SegmentLayout.MAX_TEXT));
        assertThat(service.mailbox(1).requestSequence()).isZero();
    }

    @Test
    void aClientRingsOnlyWhileTheServiceSleeps() {
        assertThat(client.needsBell()).isFalse();
        service.fallAsleep();
        assertThat(client.needsBell()).isTrue();
        service.awake();
        assertThat(client.needsBell()).isFalse();
    }

    @Test
    void aSegmentOfAnotherLayoutIsRefused() {
        memory.put(SegmentLayout.VERSION_AT, (byte) 9);
        assertThatThrownBy(() -> Segment.open(memory, 3))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("version=9 expectedVersion=3");
    }
}
