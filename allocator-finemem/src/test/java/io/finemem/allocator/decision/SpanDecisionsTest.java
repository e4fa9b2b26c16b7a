package io.finemem.allocator.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.layout.SpanHeader;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SpanDecisionsTest {
    private static final int CASES = 20_000;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @Test
    void freeRunAgreesWithANaiveSearch() {
        for (int i = 0; i < CASES; i++) {
            int map = random.nextInt() & random.nextInt() | random.nextInt() & random.nextInt() & random.nextInt();
            for (int order = 0; order <= 5; order++) {
                assertThat(SpanDecisions.freeRun(map, order))
                        .as("seed %d map %08x order %d", seed, map, order)
                        .isEqualTo(naiveFreeRun(map, order));
            }
        }
    }

    private static int naiveFreeRun(int map, int order) {
        int length = 1 << order;
        for (int chunk = 0; chunk + length <= 32; chunk += length) {
            boolean free = true;
            for (int i = chunk; i < chunk + length; i++) {
                free &= (map >>> i & 1) == 0;
            }
            if (free) {
                return chunk;
            }
        }
        return SpanDecisions.NONE;
    }

    @Test
    void claimAndFreeComeBackToTheSameMapTwoVersionsLater() {
        long header = SpanDecisions.opened(0, 0b1);

        long claimed = SpanDecisions.claimed(header, 0b1100, 1);
        long freed = SpanDecisions.freed(claimed, 0b1100);

        assertThat(SpanHeader.map(claimed)).isEqualTo(0b1101);
        assertThat(SpanHeader.contention(claimed)).isEqualTo(1);
        assertThat(SpanHeader.map(freed)).isEqualTo(0b1);
        assertThat(SpanHeader.version(freed)).isEqualTo(SpanHeader.version(header) + 2);
        assertThat(SpanHeader.contention(freed))
                .as("a free leaves contention alone")
                .isEqualTo(1);
    }

    @Test
    void closedSpanIsNeverClaimable() {
        assertThat(SpanDecisions.claimable(0, 0)).isFalse();
        assertThat(SpanDecisions.claimable(SpanDecisions.opened(0, 0), 4)).isTrue();
    }

    @Test
    void onlyAnOpenEmptySpanIsClosable() {
        assertThat(SpanDecisions.closable(SpanDecisions.opened(0, 0))).isTrue();
        assertThat(SpanDecisions.closable(SpanDecisions.opened(0, 2))).isFalse();
        assertThat(SpanDecisions.closable(0)).isFalse();
        assertThat(SpanHeader.open(SpanDecisions.closed(SpanDecisions.opened(0, 0))))
                .isFalse();
    }

    @Test
    void contentionRisesWithFailedAttempts() {
        ContentionThresholds thresholds = new ContentionThresholds(2, 4);

        assertThat(thresholds.level(1)).isZero();
        assertThat(thresholds.level(2)).isEqualTo(1);
        assertThat(thresholds.level(4)).isEqualTo(2);
        assertThatThrownBy(() -> new ContentionThresholds(3, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ContentionThresholds(0, 2)).isInstanceOf(IllegalArgumentException.class);
    }
}
