package io.finemem.runtime.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class LatenciesTest {

    @Test
    void histogramsOfTwoProcessesAddUp() {
        Histogram first = Latencies.empty();
        Histogram second = Latencies.empty();
        for (int i = 0; i < 99; i++) {
            first.recordValue(1000);
        }
        second.recordValue(5_000_000_000L);
        Histogram sum = Latencies.empty();
        sum.add(Latencies.decode(Latencies.encode(first)));
        sum.add(Latencies.decode(Latencies.encode(second)));
        assertThat(sum.getTotalCount()).isEqualTo(100);
        assertThat(Latencies.micros(sum, 50)).isEqualTo(1.0);
        assertThat(Latencies.micros(sum, 100)).isBetween(5_000_000.0, 5_010_000.0);
    }

    @Test
    void nothingTakesNoTime() {
        assertThat(Latencies.micros(Latencies.decode(Latencies.encode(Latencies.empty())), 99))
                .isZero();
    }

    @Test
    void aTextThatIsNoHistogramIsRefused() {
        assertThatThrownBy(() -> Latencies.decode("AAAA////AAAA////AAAA////AAAA////AAAA////AAAA////AAAA////"))
                .isInstanceOf(RuntimeException.class);
    }
}
