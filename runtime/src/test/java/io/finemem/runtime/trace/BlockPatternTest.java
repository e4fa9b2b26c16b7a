package io.finemem.runtime.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlockPatternTest {

    @Test
    void aFoundWordTellsOwnerBlockAndOffset() {
        long seed = new Random().nextLong();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 10_000; round++) {
            int owner = random.nextInt(BlockPattern.MAX_OWNER + 1);
            int block = random.nextInt(BlockPattern.MAX_BLOCK + 1);
            long index = random.nextLong(BlockPattern.MAX_BLOCK_BYTES / Long.BYTES);
            long word = BlockPattern.word(owner, block, index);
            if (word != 0) {
                assertThat(BlockPattern.describe(word))
                        .as("seed=%d", seed)
                        .contains("owner " + owner + ", block " + block + ", offset " + index * Long.BYTES + " ");
            }
        }
    }

    @Test
    void aFilledBufferHasOneWordPerIndex() {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        BlockPattern.fill(buffer, 7, 9, 100);
        assertThat(buffer.remaining()).isEqualTo(4096);
        buffer.order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 512; i++) {
            assertThat(buffer.getLong(i * 8)).isEqualTo(BlockPattern.word(7, 9, 100 + i));
        }
    }
}
