package io.finemem.allocator.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SectionWordTest {
    private static final int CASES = 1000;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @Test
    void goldenWordReadsAsDrawn() {
        long word = 4L << 32 | 0b11_10_01;

        assertThat(SectionWord.state(word, 0)).isEqualTo(SectionWord.OPEN);
        assertThat(SectionWord.state(word, 1)).isEqualTo(SectionWord.DISCOURAGED);
        assertThat(SectionWord.state(word, 2)).isEqualTo(SectionWord.TAKEN);
        assertThat(SectionWord.state(word, 15)).isEqualTo(SectionWord.EMPTY);
        assertThat(SectionWord.version(word)).isEqualTo(4);
        assertThat(SectionWord.toString(word)).isEqualTo("section{0000000000000321 version=4}");
    }

    @Test
    void settingAStateLeavesTheOthersAlone() {
        for (int i = 0; i < CASES; i++) {
            long word = random.nextLong();
            int span = random.nextInt(16);
            int state = random.nextInt(4);

            long changed = SectionWord.withState(word, span, state);

            assertThat(SectionWord.state(changed, span)).as("seed %d", seed).isEqualTo(state);
            assertThat(SectionWord.withState(changed, span, SectionWord.state(word, span)))
                    .isEqualTo(word);
        }
    }

    @Test
    void masksOfStatesAgreeWithTheStates() {
        for (int i = 0; i < CASES; i++) {
            long word = random.nextLong();
            for (int span = 0; span < 16; span++) {
                int state = SectionWord.state(word, span);
                assertThat(SectionWord.emptySpans(word) >> span & 1).isEqualTo(state == SectionWord.EMPTY ? 1 : 0);
                assertThat(SectionWord.takenSpans(word) >> span & 1).isEqualTo(state == SectionWord.TAKEN ? 1 : 0);
                assertThat(SectionWord.openSpans(word) >> span & 1)
                        .isEqualTo(state == SectionWord.OPEN || state == SectionWord.DISCOURAGED ? 1 : 0);
            }
            assertThat(SectionWord.emptySpans(word) | SectionWord.openSpans(word) | SectionWord.takenSpans(word))
                    .as("seed %d", seed)
                    .isEqualTo(0xffff);
        }
    }

    @Test
    void freeAddendEmptiesExactlyTheTakenSpans() {
        for (int i = 0; i < CASES; i++) {
            long word = random.nextLong();
            int freed = SectionWord.takenSpans(word) & random.nextInt();
            long expected = SectionWord.nextVersion(word);
            for (int span = 0; span < 16; span++) {
                expected =
                        (freed >> span & 1) == 0 ? expected : SectionWord.withState(expected, span, SectionWord.EMPTY);
            }
            assertThat(word + SectionWord.freeAddend(freed)).as("seed %d", seed).isEqualTo(expected);
        }
    }

    @Test
    void positionsAndStatesOutOfRangeAreRefused() {
        assertThatThrownBy(() -> SectionWord.state(0, 16)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SectionWord.withState(0, -1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SectionWord.withState(0, 0, 4)).isInstanceOf(IllegalArgumentException.class);
    }
}
