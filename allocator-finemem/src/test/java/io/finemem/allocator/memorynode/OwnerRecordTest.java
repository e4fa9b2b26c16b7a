package io.finemem.allocator.memorynode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.OwnerFenced;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OwnerRecordTest {
    private final OwnerRecord owner = new OwnerRecord(7, "peer", 1_000, 0);
    private final AtomicInteger grants = new AtomicInteger();

    @Test
    void nothingIsGrantedToAnOwnerThatWasDeclaredDead() {
        assertThat(owner.whileLive(grants::incrementAndGet)).isEqualTo(1);

        assertThat(owner.die()).isTrue();

        assertThatThrownBy(() -> owner.whileLive(grants::incrementAndGet)).isInstanceOf(OwnerFenced.class);
        assertThat(grants).hasValue(1);
    }

    @Test
    void ownerDiesOnceAndItsLeaseRunsOutOnlyWhileItLives() {
        assertThat(owner.leaseExpired(1_000)).isFalse();
        assertThat(owner.leaseExpired(1_001)).isTrue();
        assertThat(owner.die()).isTrue();
        assertThat(owner.die()).isFalse();
        assertThat(owner.leaseExpired(Long.MAX_VALUE)).isFalse();
    }
}
