package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.InvalidRequest;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls in odd circumstances. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(60)
class ShmApiLimitsTest {
    private static final int CHUNK = 4096;
    private static final Duration LEASE = Duration.ofSeconds(30);

    private Transport transport;
    private Pool pool;

    @BeforeAll
    void open() {
        transport = new ShmTransportProvider().open(TransportSettings.empty());
    }

    @AfterEach
    void closePool() {
        Thread.interrupted();
        pool.close();
    }

    @AfterAll
    void close() {
        transport.close();
    }

    /** No call gives up half-way, because that would leave open whether it was executed; each is bounded in time. */
    @ParameterizedTest
    @EnumSource
    void interruptedThreadFinishesEveryCallAndStaysInterrupted(Isolation isolation) throws Exception {
        pool = new Pool(transport, isolation, LEASE, 2 * Pool.SECTION);
        FineMemAllocator memory = pool.owner(AllocatorOptions.defaults().withWorkers(2));
        RemoteBlock block = memory.allocate(CHUNK);
        ByteBuffer bytes = ByteBuffer.allocate(CHUNK);
        List<RemoteBlock> made = new ArrayList<>();
        Map<String, Consumer<RemoteBlock>> calls = Map.of(
                "allocate", b -> made.add(memory.allocate(CHUNK)),
                "allocateAll", b -> made.addAll(memory.allocateAll(CHUNK, 40)),
                "allocate sections", b -> made.add(memory.allocate(Pool.SECTION)),
                "write", b -> b.write(0, bytes.clear()),
                "read", b -> b.read(0, bytes.clear()),
                "compareAndSwap", b -> b.compareAndSwap(0, 0, 1),
                "fetchAdd", b -> b.fetchAdd(0, 1),
                "audit", b -> assertThat(memory.audit()).hasSize(1));
        calls.forEach((name, call) -> {
            Thread.currentThread().interrupt();
            call.accept(block);
            assertThat(Thread.interrupted()).as(name).isTrue();
        });
        made.add(block);
        Thread.currentThread().interrupt();
        memory.freeAll(made.subList(0, 20));
        made.subList(20, made.size()).forEach(memory::free);
        assertThat(Thread.interrupted()).as("free").isTrue();
        assertThat(memory.allocateAsync(CHUNK).toCompletableFuture().get(20, TimeUnit.SECONDS))
                .isNotNull();
        Thread.currentThread().interrupt();
        memory.close();
        assertThat(Thread.interrupted()).as("close").isTrue();
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void nullIsNoBlockAndHarmsNothing() {
        pool = new Pool(transport, Isolation.STRICT, LEASE, Pool.SECTION);
        FineMemAllocator memory = pool.owner();
        RemoteBlock block = memory.allocate(CHUNK);
        RemoteBlock none = Map.<String, RemoteBlock>of().get("none");
        assertThatThrownBy(() -> memory.free(none))
                .isInstanceOf(InvalidRequest.class)
                .hasMessage("the block is not of this RemoteMemory [block=null]");
        List<RemoteBlock> some = new ArrayList<>(List.of(block));
        some.add(none);
        assertThatThrownBy(() -> memory.freeAll(some))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("[block=null]");
        assertThat(block.fetchAdd(0, 1)).isNotNegative();
        assertThat(pool.auditedChunks()).isEqualTo(1);
    }
}
