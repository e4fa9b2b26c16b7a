package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An owner among slow memory nodes and busy workers. */
class ShmOwnerTest {
    private static final AllocatorOptions ONE_WORKER =
            AllocatorOptions.defaults().withWorkers(1);

    private final Transport transport = new ShmTransportProvider().open(TransportSettings.empty());

    @AfterEach
    void close() {
        transport.close();
    }

    /** A session of which one method does something first. */
    private static MemoryNodeControl session(MemoryNodeControl real, String name, Runnable first) {
        return (MemoryNodeControl) Proxy.newProxyInstance(
                MemoryNodeControl.class.getClassLoader(),
                new Class<?>[] {MemoryNodeControl.class},
                (self, method, arguments) -> {
                    if (method.getName().equals(name)) {
                        first.run();
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void memoryNodeThatDoesNotAnswerCostsTheOwnerNoOtherNode() {
        CountDownLatch silence = new CountDownLatch(1);
        AtomicInteger beats = new AtomicInteger();
        AtomicInteger beatsOfTheOther = new AtomicInteger();
        Pool pool = new Pool(transport, Duration.ofMillis(1500), Pool.SECTION, Pool.SECTION);
        try {
            MemoryNodeControl silent = session(pool.node(0).newSession("owner"), "heartbeat", () -> {
                if (beats.getAndIncrement() > 0) {
                    await(silence);
                }
            });
            MemoryNodeControl other =
                    session(pool.node(1).newSession("owner"), "heartbeat", beatsOfTheOther::incrementAndGet);
            FineMemAllocator memory = pool.owner(ONE_WORKER, List.of(silent, other));
            pool.node(0).audit();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(15))
                    .until(() -> pool.node(0).audit().owners() == 0 && beatsOfTheOther.get() >= 12);

            assertThat(pool.node(1).audit().owners()).isEqualTo(1);
            assertThat(memory.allocate(1).handle().memoryNode()).isEqualTo("mn1");
        } finally {
            silence.countDown();
            pool.close();
        }
    }

    @Test
    void leaseDoesNotRunOutWhileTheOwnerConnects() {
        try (Pool pool = new Pool(transport, Duration.ofMillis(800), Pool.SECTION, Pool.SECTION)) {
            List<MemoryNodeControl> slow = List.of(slowToConnect(pool, 0), slowToConnect(pool, 1));

            FineMemAllocator memory = pool.owner(ONE_WORKER.withWorkers(20), slow);

            assertThat(memory.allocate(1).fetchAdd(0, 0)).isZero();
        }
    }

    private static MemoryNodeControl slowToConnect(Pool pool, int node) {
        CountDownLatch never = new CountDownLatch(1);
        return session(pool.node(node).newSession("owner"), "connect", () -> {
            try {
                assertThat(never.await(25, TimeUnit.MILLISECONDS)).isFalse();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void blockWhoseFreeFoundNoWorkerIsStillHeldAndCanBeFreed() {
        CountDownLatch connecting = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean armed = new AtomicBoolean();
        try (Pool pool = new Pool(transport, Pool.SECTION)) {
            FragileSession fragile = pool.sessions().get(0);
            MemoryNodeControl session = session(fragile, "disconnect", () -> {
                if (armed.get()) {
                    connecting.countDown();
                    await(goOn);
                }
            });
            FineMemAllocator memory =
                    pool.owner(ONE_WORKER.withOperationTimeout(Duration.ofMillis(200)), List.of(session));
            RemoteBlock block = memory.allocate(1);
            armed.set(true);
            fragile.breakConnections();
            CompletableFuture<RemoteBlock> busy = CompletableFuture.supplyAsync(() -> memory.allocate(1));
            await(connecting);

            assertThatThrownBy(block::close).isInstanceOf(OperationTimeout.class);
            goOn.countDown();
            busy.join().close();
            block.close();

            assertThat(memory.statistics().liveBlocks()).isZero();
            Awaitility.await().until(() -> pool.auditedChunks() == 0);
        }
    }

    @Test
    void buffersOfEveryKindAreTakenOrRefusedBeforeAnythingIsSent() {
        try (Pool pool = new Pool(transport, Pool.SECTION)) {
            RemoteBlock block = pool.owner().allocate(200_000);
            ByteBuffer source = ByteBuffer.allocate(150_000).position(7).limit(100_007);
            source.put(7, (byte) 1).put(100_006, (byte) 2);
            block.write(5, source.asReadOnlyBuffer());
            assertThat(source.position()).isEqualTo(7);
            block.write(5, source);
            assertThat(source.position()).isEqualTo(100_007);
            ByteBuffer destination = ByteBuffer.allocateDirect(100_003).position(3);
            block.read(5, destination);
            assertThat(destination.hasRemaining()).isFalse();
            assertThat(destination.get(3)).isEqualTo((byte) 1);
            assertThat(destination.get(100_002)).isEqualTo((byte) 2);
            block.read(block.length(), ByteBuffer.allocate(0));
            block.write(block.length(), ByteBuffer.allocate(0));
            assertThatThrownBy(() -> block.read(0, ByteBuffer.allocate(1).asReadOnlyBuffer()))
                    .isInstanceOf(InvalidRequest.class);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8})
    void allocationAndFreeLeaveNoGarbageButTheBlock(int runAhead) {
        try (Pool pool = new Pool(transport, 4 * Pool.SECTION)) {
            FineMemAllocator memory =
                    pool.owner(AllocatorOptions.defaults().withWorkers(1).withRunAhead(runAhead));
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long self = Thread.currentThread().getId();
            int pairs = 20_000;
            for (int i = 0; i < pairs; i++) {
                memory.allocate(4096).close();
            }
            long before = threads.getThreadAllocatedBytes(self);
            for (int i = 0; i < pairs; i++) {
                memory.allocate(4096).close();
            }
            long bytes = (threads.getThreadAllocatedBytes(self) - before) / pairs;
            assertThat(bytes).as("bytes per allocation and free").isLessThanOrEqualTo(80);
        }
    }
}
