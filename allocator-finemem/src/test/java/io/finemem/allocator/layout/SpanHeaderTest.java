package io.finemem.allocator.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SpanHeaderTest {
    private static final int CASES = 1000;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @Test
    void goldenWordReadsAsDrawn() {
        long header = 0b10001_10_1L << 32 | 0x8000_00ffL;

        assertThat(SpanHeader.map(header)).isEqualTo(0x8000_00ff);
        assertThat(SpanHeader.open(header)).isTrue();
        assertThat(SpanHeader.contention(header)).isEqualTo(2);
        assertThat(SpanHeader.version(header)).isEqualTo(0b10001);
        assertThat(SpanHeader.toString(header)).isEqualTo("span{map=800000ff open contention=2 version=17}");
    }

    @Test
    void settingAFieldLeavesTheOthersAlone() {
        for (int i = 0; i < CASES; i++) {
            long header = random.nextLong() & ~(3L << 33);
            int map = random.nextInt();
            int contention = random.nextInt(3);
            boolean open = random.nextBoolean();

            assertThat(SpanHeader.map(SpanHeader.withMap(header, map)))
                    .as("seed %d", seed)
                    .isEqualTo(map);
            assertThat(SpanHeader.withMap(SpanHeader.withMap(header, map), SpanHeader.map(header)))
                    .isEqualTo(header);
            assertThat(SpanHeader.open(SpanHeader.withOpen(header, open))).isEqualTo(open);
            assertThat(SpanHeader.withOpen(SpanHeader.withOpen(header, open), SpanHeader.open(header)))
                    .isEqualTo(header);
            assertThat(SpanHeader.contention(SpanHeader.withContention(header, contention)))
                    .isEqualTo(contention);
            assertThat(SpanHeader.withContention(SpanHeader.withContention(header, contention), 0))
                    .isEqualTo(header);
        }
    }

    @Test
    void contentionOutOfRangeIsRefusedAndDoesNotSpill() {
        assertThatThrownBy(() -> SpanHeader.withContention(0, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SpanHeader.withContention(0, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void versionOverflowFallsOffTheTop() {
        long last = -1L << 35 | 0x1_0000_000fL;

        long next = SpanHeader.nextVersion(last);

        assertThat(SpanHeader.version(next)).isZero();
        assertThat(SpanHeader.map(next)).isEqualTo(0xf);
        assertThat(SpanHeader.open(next)).isTrue();
    }

    @Test
    void freeAddendClearsExactlyTheMaskAndBumpsTheVersion() {
        for (int i = 0; i < CASES; i++) {
            long header = random.nextLong();
            int mask = SpanHeader.map(header) & random.nextInt();

            long freed = header + SpanHeader.freeAddend(mask);

            long expected = SpanHeader.nextVersion(SpanHeader.withMap(header, SpanHeader.map(header) & ~mask));
            assertThat(freed).as("seed %d", seed).isEqualTo(expected);
        }
    }
}
