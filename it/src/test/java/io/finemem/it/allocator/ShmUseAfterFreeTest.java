package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.data.DataOptions;
import io.finemem.api.InvalidRequest;
import io.finemem.api.RegisteredBuffer;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Writes that run while another thread frees their block: they are over before the memory is somebody else's. */
class ShmUseAfterFreeTest {
    private static final int ROUNDS = 300;
    private static final byte OLD = 1;
    private static final byte NEW = 2;

    private final Transport transport = new ShmTransportProvider().open(TransportSettings.empty());

    @AfterEach
    void close() {
        transport.close();
    }

    @Test
    void writeThatRunsWhileItsBlockIsFreedCompletesBeforeOrIsRefused() {
        race((block, buffer) -> block.write(0, buffer, 0, buffer.capacity()));
    }

    @Test
    void asynchronousWriteThatRunsWhileItsBlockIsFreedCompletesBeforeOrIsRefused() {
        race((block, buffer) -> {
            try {
                CompletableFuture<?>[] stages = new CompletableFuture<?>[3];
                for (int i = 0; i < stages.length; i++) {
                    stages[i] =
                            block.writeAsync(0, buffer, 0, buffer.capacity()).toCompletableFuture();
                }
                CompletableFuture.allOf(stages).orTimeout(60, TimeUnit.SECONDS).join();
            } catch (CompletionException e) {
                assertThat(e).hasCauseInstanceOf(InvalidRequest.class);
                throw (InvalidRequest) e.getCause();
            }
        });
    }

    private interface Write {
        void to(RemoteBlock block, RegisteredBuffer buffer);
    }

    private void race(Write write) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int bytes = (int) Pool.SECTION;
        AllocatorOptions options = AllocatorOptions.defaults()
                .withWorkers(2)
                .withData(DataOptions.defaults().withBufferBytes(4L * bytes));
        try (Pool pool = new Pool(transport, Pool.SECTION)) {
            FineMemAllocator memory = pool.owner(options);
            try (RegisteredBuffer old = filled(memory, bytes, OLD);
                    RegisteredBuffer next = filled(memory, bytes, NEW);
                    RegisteredBuffer seen = memory.buffers().acquire(bytes)) {
                for (int round = 0; round < ROUNDS; round++) {
                    RemoteBlock block = memory.allocate(bytes);
                    AtomicInteger written = new AtomicInteger();
                    CompletableFuture<Void> writer = writer(block, old, write, written);
                    int patience = random.nextInt(3);
                    while (written.get() < patience && !writer.isDone()) {
                        Thread.onSpinWait();
                    }
                    block.close();
                    RemoteBlock successor = memory.allocate(bytes);
                    successor.write(0, next, 0, bytes);
                    assertRefused(writer);
                    successor.read(0, seen, 0, bytes);
                    assertThat(seen.bytes().mismatch(next.bytes()))
                            .as("first byte written after the free, round %d, seed %d", round, seed)
                            .isEqualTo(-1);
                    successor.close();
                }
            }
        }
    }

    private static CompletableFuture<Void> writer(
            RemoteBlock block, RegisteredBuffer buffer, Write write, AtomicInteger written) {
        return CompletableFuture.runAsync(() -> {
            while (true) {
                write.to(block, buffer);
                written.incrementAndGet();
            }
        });
    }

    private static void assertRefused(CompletableFuture<Void> writer) {
        Throwable end = writer.handle((done, failed) -> failed)
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
        assertThat(end).hasCauseInstanceOf(InvalidRequest.class);
    }

    private static RegisteredBuffer filled(FineMemAllocator memory, int bytes, byte value) {
        RegisteredBuffer buffer = memory.buffers().acquire(bytes);
        ByteBuffer content = buffer.bytes();
        while (content.hasRemaining()) {
            content.put(value);
        }
        return buffer;
    }
}
