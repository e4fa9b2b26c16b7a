package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Measures and prints how long recovery takes, from the end of a session to the last owner gone; asserts that it is complete. */
class ShmRecoverySpeedTest {
    private static final int CHUNK = 4096;
    private static final int EXTENTS = 100_000;
    private static final Duration LEASE = Duration.ofSeconds(60);

    private final Transport transport = new ShmTransportProvider().open(TransportSettings.empty());

    @AfterEach
    void close() {
        transport.close();
    }

    @Test
    void extentsOfOneDeadOwner() {
        for (int run = 0; run < 3; run++) {
            try (Pool pool = new Pool(transport, LEASE, 256 * Pool.SECTION)) {
                List<FragileSession> dead = holder(pool, EXTENTS);
                report("1 dead owner of " + EXTENTS + " extents", recover(pool, List.of(dead), 0));
            }
        }
    }

    @Test
    void manyOwnersDeadAtOnce() {
        try (Pool pool = new Pool(transport, LEASE, 256 * Pool.SECTION)) {
            List<List<FragileSession>> dead = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                dead.add(holder(pool, EXTENTS / 32));
            }
            report("32 dead owners of " + EXTENTS / 32 + " extents", recover(pool, dead, 0));
        }
    }

    @Test
    void oneDeadAmongManyAliveWithLongJournals() {
        int alive = 32;
        int each = 4_000;
        try (Pool pool = new Pool(transport, LEASE, 320 * Pool.SECTION)) {
            for (int i = 0; i < alive; i++) {
                holder(pool, each);
            }
            List<FragileSession> dead = holder(pool, 10_000);
            report(
                    "1 dead owner of 10000 extents, " + alive + " alive with " + each + " each",
                    recover(pool, List.of(dead), alive));
            assertThat(pool.auditedChunks()).isEqualTo((long) alive * each);
        }
    }

    private static List<FragileSession> holder(Pool pool, int extents) {
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator memory = pool.owner(AllocatorOptions.defaults().withWorkers(1), sessions);
        for (int i = 0; i < extents; i++) {
            memory.allocate(CHUNK);
        }
        return sessions;
    }

    private static long recover(Pool pool, List<List<FragileSession>> dead, int left) {
        long start = System.nanoTime();
        dead.forEach(sessions -> sessions.forEach(FragileSession::kill));
        pool.awaitOwners(left);
        return System.nanoTime() - start;
    }

    private static void report(String what, long nanos) {
        System.out.printf(Locale.ROOT, "recovery on shm: %s: %.1f ms%n", what, nanos / 1e6);
    }
}
