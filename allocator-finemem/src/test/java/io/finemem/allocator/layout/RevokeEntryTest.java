package io.finemem.allocator.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RevokeEntryTest {
    @Test
    void fieldsReadBackAndDoNotTouchEachOther() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 1000; i++) {
            int lap = 1 + random.nextInt(255);
            int slot = random.nextInt(RevokeEntry.MAX_SLOTS);
            int units = random.nextInt();
            long entry = RevokeEntry.of(lap, slot, units);

            assertThat(RevokeEntry.lap(entry)).as("seed %d", seed).isEqualTo(lap);
            assertThat(RevokeEntry.slot(entry)).as("seed %d", seed).isEqualTo(slot);
            assertThat(RevokeEntry.units(entry)).as("seed %d", seed).isEqualTo(units);
        }
    }

    @Test
    void aPlaceNeverHoldsTheLapOfThePositionThatIsExpectedNext() {
        int entries = 4;
        for (long position = 0; position < 3L * 256 * entries; position++) {
            int lap = RevokeEntry.lapOf(position, entries);
            assertThat(lap).isBetween(1, 255);
            assertThat(RevokeEntry.lapBefore(position, entries)).isNotEqualTo(lap);
            if (position >= entries) {
                assertThat(RevokeEntry.lapBefore(position, entries))
                        .isEqualTo(RevokeEntry.lapOf(position - entries, entries));
            }
        }
        assertThat(RevokeEntry.lapBefore(entries - 1, entries)).isZero();
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> RevokeEntry.of(0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RevokeEntry.of(256, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RevokeEntry.of(1, RevokeEntry.MAX_SLOTS, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
