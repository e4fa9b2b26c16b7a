package io.finemem.allocator.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.api.ProtocolViolation;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StoredFormsTest {
    private static final BlockIdentity BLOCK =
            new BlockIdentity(0x1234_5678_9abc_def0L, JournalSlot.pendingChunks(7, 0xff00), 3, 4711, 0xe000_0001);
    private static final ResumeTicket TICKET =
            new ResumeTicket("mn-ü", 0x1234_5678_9abc_def0L, 3, 2, ResumeToken.of(0x5ec2_e7L, 0x5ec2_e8L));

    private static byte[] bytesOfBlock() {
        ByteBuffer bytes = ByteBuffer.allocate(BlockIdentity.BYTES);
        BLOCK.put(bytes);
        assertThat(bytes.hasRemaining()).isFalse();
        return bytes.array();
    }

    @Test
    void identityIsReadAsItWasWrittenWhereverItLies() {
        ByteBuffer bytes = ByteBuffer.allocate(3 + 2 * BlockIdentity.BYTES).position(3);
        BLOCK.put(bytes);
        BLOCK.put(bytes);
        bytes.flip().position(3);

        assertThat(BlockIdentity.get(bytes)).isEqualTo(BLOCK);
        assertThat(BlockIdentity.get(bytes)).isEqualTo(BLOCK);
        assertThatThrownBy(() -> BlockIdentity.get(bytes)).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void identityWithAnyBitChangedIsRefused() {
        for (int bit = 0; bit < BlockIdentity.BYTES * Byte.SIZE; bit++) {
            byte[] bytes = bytesOfBlock();
            bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertThatThrownBy(() -> BlockIdentity.get(ByteBuffer.wrap(bytes)))
                    .isInstanceOf(ProtocolViolation.class)
                    .hasMessageContaining("corrupted");
        }
    }

    @Test
    void identityOfNoBlockIsRefused() {
        assertThatThrownBy(() -> new BlockIdentity(1, 0, 3, 4, 5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BlockIdentity(1, JournalSlot.transition(7), 3, 4, 5))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BlockIdentity(1, JournalSlot.pendingChunks(7, 0b110), 3, 4, 5))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BlockIdentity(1, JournalSlot.owned(BLOCK.units()), 3, 4, 5))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BlockIdentity(1, JournalSlot.pendingSections(7, -1), 3, 4, 5))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BlockIdentity(1, BLOCK.units(), 0, 4, 5))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ticketIsReadAsItWasWrittenAndSaysNothingOfItsToken() {
        assertThat(ResumeTicket.of(TICKET.toBytes())).isEqualTo(TICKET);
        assertThat(TICKET.toString()).doesNotContain("5ec2").contains("hidden");
    }

    @Test
    void ticketThatWasChangedOrCutOffIsRefusedWithoutItsContent() {
        byte[] whole = TICKET.toBytes();
        for (int bit = 0; bit < whole.length * Byte.SIZE; bit++) {
            byte[] bytes = whole.clone();
            bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertThatThrownBy(() -> ResumeTicket.of(bytes))
                    .isInstanceOf(ProtocolViolation.class)
                    .hasMessageContaining("resume ticket");
        }
        for (int length = 0; length < whole.length; length++) {
            byte[] bytes = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> ResumeTicket.of(bytes)).isInstanceOf(ProtocolViolation.class);
        }
    }

    @Test
    void bytesOfAnythingElseAreRefused() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextInt(120)];
            random.nextBytes(bytes);
            assertThatThrownBy(() -> ResumeTicket.of(bytes)).as("seed %d", seed).isInstanceOf(ProtocolViolation.class);
            assertThatThrownBy(() -> BlockIdentity.get(ByteBuffer.wrap(bytes)))
                    .as("seed %d", seed)
                    .isInstanceOf(ProtocolViolation.class);
        }
    }
}
