package io.finemem.coordination.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.ProtocolViolation;
import io.finemem.spi.coordination.MemoryNodeEntry;
import io.finemem.spi.coordination.MemoryNodeState;
import io.finemem.spi.coordination.OwnerEntry;
import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerState;
import io.finemem.spi.settings.NetworkAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RecordsTest {
    private static final int CASES = 1_000;

    @Test
    void recordsAreThoseOfTheDocumentation() {
        MemoryNodeEntry node = new MemoryNodeEntry(
                "mn1", new NetworkAddress("10.0.0.1", 7400), 0xBEEF, "verbs", 1 << 30, MemoryNodeState.SERVING);

        assertThat(Records.write(node)).isEqualTo("SERVING beef 10.0.0.1:7400 verbs 1073741824");
        assertThat(Records.write(new OwnerEntry(new OwnerIdentity("cn1", 7), OwnerState.DEAD)))
                .isEqualTo("DEAD cn1");
    }

    @Test
    void whatWasWrittenIsRead() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < CASES; i++) {
            MemoryNodeEntry node = new MemoryNodeEntry(
                    "mn" + i,
                    new NetworkAddress(random.nextBoolean() ? "h" + i : "fe80::" + i, 1 + random.nextInt(65_535)),
                    random.nextLong(),
                    random.nextBoolean() ? "" : "shm",
                    random.nextLong() >>> 1,
                    MemoryNodeState.values()[random.nextInt(MemoryNodeState.values().length)]);
            OwnerEntry owner = new OwnerEntry(
                    new OwnerIdentity("cn" + i, 1 + (random.nextLong() >>> 12)),
                    OwnerState.values()[random.nextInt(OwnerState.values().length)]);

            assertThat(Records.node(node.name(), Records.write(node)))
                    .as("seed %d", seed)
                    .isEqualTo(node);
            assertThat(Records.owner(Long.toString(owner.identity().incarnation()), Records.write(owner)))
                    .as("seed %d", seed)
                    .isEqualTo(owner);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SERVING",
                "SERVING 1 h:1 shm",
                "SERVING 1 h:1 shm 1 1",
                "serving 1 h:1 shm 1",
                "SERVING x h:1 shm 1",
                "SERVING 11111111111111111 h:1 shm 1",
                "SERVING 1 h shm 1",
                "SERVING 1 h:1 s\tm 1",
                "SERVING 1 h:1 shm -1",
                "SERVING 1 h:1 shm 99999999999999999999",
            })
    void malformedRecordOfANodeIsAViolation(String record) {
        assertThatThrownBy(() -> Records.node("mn1", record))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("mn1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "LIVE", "LIVE a b", "ALIVE a", "LIVE a\nb", "LIVE -"})
    void malformedRecordOfAnOwnerIsAViolation(String record) {
        assertThatThrownBy(() -> Records.owner("7", record)).isInstanceOf(ProtocolViolation.class);
        assertThatThrownBy(() -> Records.owner("-7", "LIVE a")).isInstanceOf(ProtocolViolation.class);
    }
}
