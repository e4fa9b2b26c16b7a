package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.data.DataOptions;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.RegisteredBuffer;
import io.finemem.api.RemoteBlock;
import io.finemem.api.ScatterList;
import io.finemem.it.allocator.CountedTransport.Posted;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What transfers from and to registered buffers promise, on a transport. */
abstract class DataContract extends PoolContract {
    private static final int CHUNK = 4096;
    private static final int MIB = 1 << 20;
    private static final int BUFFER_MEMORY = 160 * MIB;

    private CountedTransport counted;

    private FineMemAllocator memory(int sections) {
        return memory(sections, AllocatorOptions.defaults().withWorkers(2));
    }

    private FineMemAllocator memory(int sections, AllocatorOptions options) {
        counted = new CountedTransport(transport);
        pool = new Pool(counted.transport(), Duration.ofSeconds(20), sections * Pool.SECTION);
        return pool.owner(options.withData(DataOptions.defaults().withBufferBytes(BUFFER_MEMORY)));
    }

    private static RegisteredBuffer random(FineMemAllocator memory, int bytes) {
        RegisteredBuffer buffer = memory.buffers().acquire(bytes);
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        buffer.bytes().put(content);
        return buffer;
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static Throwable failure(CompletionStage<?> stage) {
        return stage.handle((result, failed) -> failed)
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void transferOfARegisteredBufferIsOneDoorbellAndOneVerb() {
        FineMemAllocator memory = memory(2);
        RemoteBlock block = memory.allocate(2 * MIB);
        try (RegisteredBuffer source = random(memory, 2 * MIB);
                RegisteredBuffer target = memory.buffers().acquire(2 * MIB)) {
            Posted before = counted.posted();
            block.write(0, source, 0, 2 * MIB);
            assertThat(counted.posted().since(before)).isEqualTo(new Posted(1, 1));
            block.read(0, target, 0, 2 * MIB);
            assertThat(counted.posted().since(before)).isEqualTo(new Posted(2, 2));
            assertThat(target.bytes()).isEqualTo(source.bytes());
        }
    }

    @Test
    void partsOfBuffersAndOfBlocksAreHitExactly() {
        FineMemAllocator memory = memory(2);
        RemoteBlock block = memory.allocate(CHUNK);
        try (RegisteredBuffer source = random(memory, 1000);
                RegisteredBuffer target = memory.buffers().acquire(CHUNK)) {
            block.write(0, ByteBuffer.allocate(CHUNK));
            block.write(77, source, 10, 900);
            block.read(0, target, 0, CHUNK);
            assertThat(target.bytes().slice(77, 900)).isEqualTo(source.bytes().slice(10, 900));
            assertThat(target.bytes().get(76)).isZero();
            assertThat(target.bytes().get(977)).isZero();
            block.read(CHUNK, target, CHUNK, 0);
        }
    }

    @Test
    void scatterListIsOneDoorbellAndOneVerbPerRange() {
        FineMemAllocator memory = memory(2);
        RemoteBlock block = memory.allocate(8 * CHUNK);
        ScatterList list = new ScatterList();
        List<RegisteredBuffer> sources = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            sources.add(random(memory, 100 + i));
            list.add(sources.get(i), i, 100);
        }
        Posted before = counted.posted();
        block.write(8, list);
        assertThat(counted.posted().since(before)).isEqualTo(new Posted(1, 32));

        try (RegisteredBuffer target = memory.buffers().acquire(3200)) {
            block.read(8, list.clear().add(target, 1600, 1600).add(target, 0, 1600));
            assertThat(counted.posted().since(before)).isEqualTo(new Posted(2, 34));
            for (int i = 0; i < 32; i++) {
                assertThat(target.bytes().slice((1600 + i * 100) % 3200, 100))
                        .as("range %d", i)
                        .isEqualTo(sources.get(i).bytes().slice(i, 100));
            }
        }
    }

    @Test
    void longTransferIsCutIntoPiecesOfWhichADoorbellPostsManyAndLosesNoByte() {
        FineMemAllocator memory = memory(36);
        int bytes = 66 * MIB + 8;
        RemoteBlock block = memory.allocate(bytes);
        try (RegisteredBuffer source = memory.buffers().acquire(bytes)) {
            ByteBuffer content = source.bytes();
            while (content.remaining() >= Long.BYTES) {
                content.putLong(content.position() * 0x9e37_79b9_7f4a_7c15L);
            }
            Posted before = counted.posted();
            block.write(0, source, 0, bytes);
            assertThat(counted.posted().since(before)).isEqualTo(new Posted(2, 34));
            source.bytes().put(new byte[bytes]);
            block.read(0, source, 0, bytes);
            assertThat(counted.posted().since(before)).isEqualTo(new Posted(4, 68));
            ByteBuffer read = source.bytes();
            for (int at = 0; at < bytes; at += Long.BYTES) {
                if (read.getLong(at) != at * 0x9e37_79b9_7f4a_7c15L) {
                    assertThat(at).as("first wrong word").isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void asynchronousTransfersOfManyBlocksAllArrive() {
        FineMemAllocator memory = memory(4);
        List<RemoteBlock> blocks = new ArrayList<>();
        List<RegisteredBuffer> sources = new ArrayList<>();
        List<CompletableFuture<Void>> stages = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            blocks.add(memory.allocate(CHUNK));
            sources.add(random(memory, CHUNK - i));
            stages.add(blocks.get(i).writeAsync(i, sources.get(i), 0, CHUNK - i).toCompletableFuture());
        }
        join(CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new)));
        stages.clear();
        List<RegisteredBuffer> targets = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            targets.add(memory.buffers().acquire(CHUNK));
            ScatterList list = new ScatterList().add(targets.get(i), 7, 9).add(targets.get(i), 16, CHUNK - i - 23);
            stages.add(blocks.get(i).readAsync(i, list).toCompletableFuture());
        }
        join(CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new)));
        for (int i = 0; i < 300; i++) {
            int bytes = CHUNK - i - 14;
            assertThat(targets.get(i).bytes().slice(7, bytes))
                    .as("block %d", i)
                    .isEqualTo(sources.get(i).bytes().slice(0, bytes));
        }
    }

    @Test
    void blockAndBufferMayBeClosedWhileTheirTransferIsUnderWayAndInItsStage() {
        FineMemAllocator memory = memory(24);
        RemoteBlock block = memory.allocate(16 * MIB);
        List<CompletionStage<Void>> stages = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            RegisteredBuffer buffer = memory.buffers().acquire(16 * MIB);
            stages.add(block.writeAsync(0, buffer, 0, 16 * MIB));
            buffer.close();
            assertThatThrownBy(buffer::bytes).isInstanceOf(InvalidRequest.class).hasMessageContaining("closed");
        }
        stages.forEach(stage -> join(stage.thenRun(block::close)));

        assertThat(memory.statistics().liveBlocks()).isZero();
        assertThat(pool.auditedChunks()).isZero();
        for (int i = 0; i < BUFFER_MEMORY / (16 * MIB); i++) {
            memory.buffers().acquire(16 * MIB);
        }
    }

    @Test
    void buffersAreBoundedAndTheirMemoryServesOtherSizesOnceTheyAreClosed() {
        FineMemAllocator memory = memory(2);
        List<RegisteredBuffer> held = new ArrayList<>();
        for (int i = 0; i < BUFFER_MEMORY / MIB; i++) {
            held.add(memory.buffers().acquire(MIB - i));
        }
        assertThatThrownBy(() -> memory.buffers().acquire(1))
                .isInstanceOf(OutOfLocalResources.class)
                .hasMessageContaining("finemem.client.buffer-memory");
        held.forEach(RegisteredBuffer::close);
        held.forEach(RegisteredBuffer::close);

        try (RegisteredBuffer large = memory.buffers().acquire(100 * MIB)) {
            assertThat(large.capacity()).isEqualTo(100 * MIB);
            assertThat(large.bytes().capacity()).isEqualTo(100 * MIB);
        }
        assertThatThrownBy(() -> memory.buffers().acquire(0)).isInstanceOf(InvalidRequest.class);
    }

    @Test
    void memoryOfTheApplicationIsTransferredInPlace() {
        FineMemAllocator memory = memory(2);
        RemoteBlock block = memory.allocate(CHUNK);
        ByteBuffer own = ByteBuffer.allocateDirect(CHUNK).position(100).limit(1100);
        try (RegisteredBuffer registered = memory.buffers().register(own)) {
            assertThat(registered.capacity()).isEqualTo(1000);
            own.putLong(100, 42);
            block.write(0, registered, 0, 8);
            assertThat(block.fetchAdd(0, 1)).isEqualTo(Long.reverseBytes(42));
            registered.bytes().put(1, (byte) 7);
            assertThat(own.get(101)).isEqualTo((byte) 7);
        }
        assertThatThrownBy(() -> memory.buffers().register(ByteBuffer.allocate(8)))
                .isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> memory.buffers().register(own.asReadOnlyBuffer()))
                .isInstanceOf(InvalidRequest.class);
    }

    @Test
    void mistakesOfTheCallerAreTypedAndNothingIsPosted() {
        FineMemAllocator memory = memory(2);
        FineMemAllocator other = pool.owner();
        RemoteBlock block = memory.allocate(CHUNK);
        RemoteBlock freed = memory.allocate(CHUNK);
        freed.close();
        RegisteredBuffer buffer = memory.buffers().acquire(CHUNK);
        RegisteredBuffer foreign = other.buffers().acquire(CHUNK);
        RegisteredBuffer closed = memory.buffers().acquire(CHUNK);
        closed.close();
        ScatterList tooLong = new ScatterList().add(buffer, 0, CHUNK).add(buffer, 0, 1);
        ScatterList withClosed = new ScatterList().add(buffer, 0, 1).add(closed, 0, 1);
        Posted before = counted.posted();

        refused("leaves the block", () -> block.read(1, buffer, 0, CHUNK), block.readAsync(1, buffer, 0, CHUNK));
        refused("leaves the block", () -> block.write(-1, buffer, 0, 1), block.writeAsync(-1, buffer, 0, 1));
        refused("leaves the block", () -> block.write(0, tooLong), block.writeAsync(0, tooLong));
        refused("leaves the buffer", () -> block.read(0, buffer, 1, CHUNK), block.readAsync(0, buffer, 1, CHUNK));
        refused("leaves the buffer", () -> block.read(0, buffer, -1, 1), block.readAsync(0, buffer, -1, 1));
        refused("not of this", () -> block.write(0, foreign, 0, 1), block.writeAsync(0, foreign, 0, 1));
        refused("buffer was closed", () -> block.write(0, closed, 0, 1), block.writeAsync(0, closed, 0, 1));
        refused("buffer was closed", () -> block.read(0, withClosed), block.readAsync(0, withClosed));
        refused("block was freed", () -> freed.read(0, buffer, 0, 1), freed.readAsync(0, buffer, 0, 1));

        assertThat(counted.posted().since(before)).isEqualTo(new Posted(0, 0));
        block.close();
        buffer.close();
    }

    private static void refused(String text, Runnable blocking, CompletionStage<Void> stage) {
        assertThatThrownBy(blocking::run).isInstanceOf(InvalidRequest.class).hasMessageContaining(text);
        assertThat(failure(stage)).isInstanceOf(InvalidRequest.class).hasMessageContaining(text);
    }

    @Test
    void closedMemoryRefusesBuffersAndTransfersAndOldViewsStayHarmless() {
        FineMemAllocator memory = memory(2);
        RemoteBlock block = memory.allocate(CHUNK);
        RegisteredBuffer buffer = memory.buffers().acquire(CHUNK);
        ByteBuffer view = buffer.bytes();
        memory.close();

        view.putLong(0, 1);
        buffer.close();
        assertThatThrownBy(() -> memory.buffers().acquire(1)).isInstanceOf(MemoryClosed.class);
        assertThatThrownBy(() -> memory.buffers().register(ByteBuffer.allocateDirect(8)))
                .isInstanceOf(MemoryClosed.class);
        assertThat(failure(block.readAsync(0, buffer, 0, 1))).isInstanceOf(InvalidRequest.class);
    }
}
