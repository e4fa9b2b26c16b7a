package io.finemem.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DirectoryOutagesTest {
    private final AtomicLong now = new AtomicLong(-5);
    private final DirectoryOutages outages = new DirectoryOutages(now::get);

    @Test
    void withoutAnOutageThereIsNothingToTell() {
        outages.back();

        assertThat(outages.away()).isFalse();
        assertThat(outages.count()).isZero();
        assertThat(outages.latestNanos()).isZero();
    }

    @Test
    void anOutageGrowsUntilItEndsAndIsKeptUntilTheNext() {
        outages.lost();
        now.addAndGet(70);
        assertThat(outages.away()).isTrue();
        assertThat(outages.latestNanos()).isEqualTo(70);
        outages.back();
        now.addAndGet(1000);
        assertThat(outages.away()).isFalse();
        assertThat(outages.latestNanos()).isEqualTo(70);
        outages.lost();
        assertThat(outages.latestNanos()).isZero();
        assertThat(outages.count()).isEqualTo(2);
    }

    @Test
    void whatIsToldAgainIsNoOtherOutage() {
        outages.lost();
        now.addAndGet(10);
        outages.lost();
        now.addAndGet(10);
        outages.back();
        now.addAndGet(10);
        outages.back();

        assertThat(outages.count()).isEqualTo(1);
        assertThat(outages.latestNanos()).isEqualTo(20);
    }
}
