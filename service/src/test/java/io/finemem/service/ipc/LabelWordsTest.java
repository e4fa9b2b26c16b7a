package io.finemem.service.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LabelWordsTest {
    private final Mailbox box = Segment.format(
                    ByteBuffer.allocateDirect(SegmentLayout.bytes(1)).order(ByteOrder.LITTLE_ENDIAN), 1)
            .mailbox(0);

    private long[] read() {
        long[] words = new long[SegmentLayout.MAX_BATCH];
        box.copyRequestWords(words, words.length);
        return words;
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "fast", "12345678", "123456789", "\u00fcber", "\ud83d\ude80 rack:7"})
    void aLabelIsReadAsItWasWritten(String label) {
        LabelWords words = LabelWords.of(label);
        words.putInto(box);

        assertThat(LabelWords.text(read(), words.bytes())).isEqualTo(label).isEqualTo(words.label());
    }

    @Test
    void theLongestLabelFillsTheRequestWords() {
        String longest = "x".repeat(LabelWords.MAX_BYTES);
        LabelWords words = LabelWords.of(longest);
        words.putInto(box);

        assertThat(LabelWords.MAX_BYTES).isEqualTo(512);
        assertThat(LabelWords.text(read(), words.bytes())).isEqualTo(longest);
        assertThat(box.responseSequence()).as("the answer is not touched").isZero();
        assertThatThrownBy(() -> LabelWords.of(longest + "x")).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> LabelWords.of("")).isInstanceOf(InvalidRequest.class);
    }

    @Test
    void wordsThatAreNoTextAreAnInvalidRequestAndNothingElse() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        long[] words = new long[SegmentLayout.MAX_BATCH];
        int refused = 0;
        for (int round = 0; round < 2_000; round++) {
            Arrays.setAll(words, i -> random.nextLong());
            int bytes = random.nextInt(-2, LabelWords.MAX_BYTES + 3);
            try {
                assertThat(LabelWords.text(words, bytes)).as("seed %d", seed).isNotEmpty();
            } catch (InvalidRequest e) {
                refused++;
            }
        }
        assertThat(refused).as("seed %d", seed).isGreaterThan(1_000);
    }
}
