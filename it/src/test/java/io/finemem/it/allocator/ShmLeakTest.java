package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.data.DataOptions;
import io.finemem.allocator.data.LeakLevel;
import io.finemem.api.BlockHandle;
import io.finemem.api.RemoteBlock;
import io.finemem.api.ReusableBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Blocks that a program loses, with a real garbage collector. */
class ShmLeakTest {
    private static final int CHUNK = 4096;

    private final Transport transport = new ShmTransportProvider().open(TransportSettings.empty());
    private final Pool pool = new Pool(transport, 4 * Pool.SECTION);
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.finemem.allocator.data.LeakDetection");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
        logger.setAdditive(false);
    }

    @AfterEach
    void close() {
        logger.setAdditive(true);
        logger.detachAppender(log);
        pool.close();
        transport.close();
    }

    private FineMemAllocator memory(LeakLevel level) {
        return pool.owner(AllocatorOptions.defaults()
                .withWorkers(1)
                .withData(DataOptions.defaults().withLeakDetection(level)));
    }

    private static BlockHandle loseOne(FineMemAllocator memory) {
        return memory.allocate(CHUNK).handle();
    }

    private static void awaitLeaks(FineMemAllocator memory, long count) {
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            System.gc();
            return memory.statistics().leakedBlocks() >= count;
        });
    }

    @Test
    void lostBlockIsReportedOnceWithItsPlaceAndStaysAllocated() {
        FineMemAllocator memory = memory(LeakLevel.PARANOID);
        RemoteBlock kept = memory.allocate(CHUNK);
        memory.allocate(CHUNK).close();
        memory.free(memory.allocate(CHUNK));

        BlockHandle lost = loseOne(memory);
        awaitLeaks(memory, 1);
        loseOne(memory);
        awaitLeaks(memory, 2);

        assertThat(memory.statistics().leakedBlocks()).isEqualTo(2);
        assertThat(log.list).hasSize(2);
        ILoggingEvent event = log.list.get(0);
        assertThat(event.getFormattedMessage()).contains("leak: ", Long.toHexString(lost.address()));
        assertThat(List.of(event.getThrowableProxy().getStackTraceElementProxyArray()))
                .anySatisfy(frame -> assertThat(frame.getSTEAsString()).contains("loseOne"));
        assertThat(memory.statistics().liveBlocks()).isEqualTo(3);
        assertThat(pool.auditedChunks()).isEqualTo(3);
        kept.close();
        memory.close();
        assertThat(pool.auditedChunks()).isZero();
    }

    private static void loseReused(FineMemAllocator memory, boolean held) {
        ReusableBlock block = memory.newReusableBlock();
        for (int i = 0; i < 3; i++) {
            memory.allocateInto(block, CHUNK);
            memory.freeAsync(block).toCompletableFuture().join();
        }
        if (held) {
            memory.allocateInto(block, CHUNK);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SIMPLE", "PARANOID"})
    void reusedObjectIsReportedOnlyIfItIsLostWithABlock(LeakLevel level) {
        FineMemAllocator memory = memory(level);
        for (int i = 0; i < 10; i++) {
            loseReused(memory, false);
        }
        loseReused(memory, true);
        awaitLeaks(memory, 1);
        loseReused(memory, true);
        awaitLeaks(memory, 2);

        assertThat(memory.statistics().leakedBlocks()).isEqualTo(2);
        assertThat(log.list).hasSize(2);
        assertThat(log.list.get(0).getThrowableProxy() != null).isEqualTo(level == LeakLevel.PARANOID);
        assertThat(pool.auditedChunks()).isEqualTo(2);
    }

    @Test
    void sampledDetectionFindsSomeOfManyLostBlocksAndSaysHowToLearnMore() {
        FineMemAllocator memory = memory(LeakLevel.SIMPLE);
        for (int i = 0; i < 2000; i++) {
            loseOne(memory);
        }
        awaitLeaks(memory, 1); // 2000 misses of 1 in 128 are one run in six million

        System.out.println("sampled leaks: " + memory.statistics().leakedBlocks() + " of 2000");
        assertThat(memory.statistics().leakedBlocks()).isLessThan(200);
        assertThat(log.list).allSatisfy(event -> {
            assertThat(event.getFormattedMessage()).contains("finemem.leak-detection = advanced");
            assertThat(event.getThrowableProxy()).isNull();
        });
    }

    @Test
    void disabledDetectionReportsNothingThoughTheHandlesAreGone() {
        FineMemAllocator memory = memory(LeakLevel.DISABLED);
        FineMemAllocator watched = memory(LeakLevel.PARANOID);
        for (int i = 0; i < 500; i++) {
            loseOne(memory);
        }
        loseOne(watched);
        awaitLeaks(watched, 1);

        assertThat(memory.statistics().leakedBlocks()).isZero();
        assertThat(memory.statistics().liveBlocks()).isEqualTo(500);
    }

    @Test
    void blocksHeldUntilTheMemoryIsClosedAreNotLost() {
        FineMemAllocator memory = memory(LeakLevel.PARANOID);
        RemoteBlock held = memory.allocate(CHUNK);
        memory.close();
        System.gc();

        assertThat(held.length()).isEqualTo(CHUNK);
        assertThat(memory.statistics().leakedBlocks()).isZero();
        assertThat(log.list).isEmpty();
    }
}
