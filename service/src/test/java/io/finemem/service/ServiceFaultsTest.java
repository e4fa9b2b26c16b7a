package io.finemem.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.control.Isolation;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.service.client.ServiceClientOptions;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.server.Quota;
import io.finemem.service.server.Quotas;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What fails on one of the ways through a service fails once, and leaves nothing behind. */
@Timeout(60)
class ServiceFaultsTest {
    @TempDir
    Path directory;

    /** Decides what a call of something does. */
    private interface Calls {
        Object call(Method method, Object[] arguments) throws Throwable;
    }

    private static <T> T around(Class<T> type, Calls calls) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> calls.call(method, arguments)));
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** A transport whose next chain on a data connection, once told so, is executed and its completion lost. */
    private static Transport losing(Transport real, AtomicBoolean next) {
        return around(Transport.class, (method, arguments) -> {
            Object made = invoke(real, method, arguments);
            return made instanceof ProtectionDomain domain ? losing(domain, next) : made;
        });
    }

    private static ProtectionDomain losing(ProtectionDomain real, AtomicBoolean next) {
        return around(ProtectionDomain.class, (method, arguments) -> {
            Object made = invoke(real, method, arguments);
            return made instanceof Connection connection ? losing(connection, next) : made;
        });
    }

    private static Connection losing(Connection real, AtomicBoolean next) {
        return around(Connection.class, (method, arguments) -> {
            Object result = invoke(real, method, arguments);
            if (method.getName().equals("execute") && next.getAndSet(false)) {
                throw new OperationTimeout("the completion was lost");
            }
            return result;
        });
    }

    @Test
    void aDataConnectionThatTimedOutIsReplacedByTheNextOperation() {
        AtomicBoolean next = new AtomicBoolean();
        try (ComputeNode node = new ComputeNode(directory);
                ServiceMemory memory = ServiceMemory.open(
                        losing(node.transport(), next),
                        ServiceClientOptions.at(node.socket(), "test").withThreads(1))) {
            RemoteBlock block = memory.allocate(4096);
            long first = block.fetchAdd(0, 1);
            next.set(true);
            assertThatThrownBy(() -> block.fetchAdd(0, 1)).isInstanceOf(OperationTimeout.class);
            assertThat(block.fetchAdd(0, 1)).isEqualTo(first + 2);
            block.read(0, ByteBuffer.allocate(8));
        }
    }

    @Test
    void aBlockThatCameTooLateAndCannotBeFreedCostsNoMailbox() {
        CountDownLatch late = new CountDownLatch(1);
        AtomicBoolean lost = new AtomicBoolean(true);
        UnaryOperator<RemoteMemory> slow = real -> around(RemoteMemory.class, (method, arguments) -> {
            if (method.getName().equals("allocateInto")) {
                late.await();
            }
            if (method.getName().equals("free") && lost.getAndSet(false)) {
                throw new MemoryNodeLost("the block's memory node is lost");
            }
            return invoke(real, method, arguments);
        });
        try (ComputeNode node = new ComputeNode(
                directory, Isolation.DIRECT, options -> options.withRequestTimeout(Duration.ofMillis(100)), slow)) {
            ServiceMemory memory =
                    node.client(ServiceClientOptions.at(node.socket(), "test").withThreads(1));
            assertThatThrownBy(() -> memory.allocate(4096)).isInstanceOf(OperationTimeout.class);
            late.countDown();
            await().atMost(Duration.ofSeconds(20))
                    .ignoreException(OperationTimeout.class)
                    .until(() -> {
                        memory.ping();
                        return true;
                    });
            memory.allocate(4096).close();
            memory.close();
        }
    }

    @Test
    void applicationsConnectWhileTheBlocksOfManyEndedOnesCannotBeGivenBack() {
        int ending = 12;
        CountDownLatch stalled = new CountDownLatch(1);
        UnaryOperator<RemoteMemory> slow = real -> around(RemoteMemory.class, (method, arguments) -> {
            if (method.getName().equals("free")) {
                stalled.await();
            }
            return invoke(real, method, arguments);
        });
        try (ComputeNode node = new ComputeNode(directory, Isolation.DIRECT, UnaryOperator.identity(), slow)) {
            List<CompletableFuture<Void>> ends = new ArrayList<>();
            for (int i = 0; i < ending; i++) {
                ServiceMemory memory = node.client();
                memory.allocate(4096);
                ends.add(CompletableFuture.runAsync(memory::close, task -> new Thread(task).start()));
            }
            try {
                RemoteBlock block = node.client().allocate(4096);
                assertThat(block.fetchAdd(0, 1))
                        .as("over a connection that a courier made")
                        .isNotNegative();
                assertThat(ends).noneMatch(CompletableFuture::isDone);
            } finally {
                stalled.countDown();
            }
            ends.forEach(CompletableFuture::join);
            node.awaitSessions(1);
            assertThat(node.usedChunks()).isOne();
        }
    }

    @Test
    void blocksThatCannotBeWrittenDownAreNobodysAndCountForNoQuota() {
        AtomicBoolean full = new AtomicBoolean();
        Quotas quotas = Quotas.each(new Quota(1 << 20, 4));
        try (RestartableNode node = new RestartableNode(directory)
                .with(options -> options.withQuotas(quotas))
                .whenMadeResumable(() -> {
                    if (full.getAndSet(false)) {
                        throw new OutOfLocalResources("the journal is full");
                    }
                })) {
            node.start();
            try (ServiceMemory memory = node.client()) {
                RemoteBlock before = memory.allocate(4096);
                full.set(true);
                assertThatThrownBy(() -> memory.allocateAll(4096, 3)).isInstanceOf(OutOfLocalResources.class);
                assertThat(memory.statistics().liveBlocks()).isOne();
                assertThat(memory.allocateAll(4096, 3)).hasSize(3);
                node.suspend();
                node.start();
                assertThat(memory.statistics().liveBlocks()).isEqualTo(4);
                before.close();
            }
            node.awaitSessions(0);
            node.awaitUsedChunks(0);
        }
    }

    @Test
    void blocksOfANodeThatCannotBeWrittenDownAreNobodysEither() {
        try (RestartableNode node = new RestartableNode(directory)) {
            node.start();
            try (ServiceMemory memory = node.client()) {
                node.join("n".repeat(300));
                int held = 0;
                for (int i = 0; i < 8; i++) {
                    try {
                        memory.allocate(256 * 1024);
                        held++;
                    } catch (InvalidConfiguration e) {
                        assertThat(e).hasMessageContaining("so long a name of a memory node");
                    }
                }
                assertThat(held).isStrictlyBetween(0, 8);
                assertThat(memory.statistics().liveBlocks()).isEqualTo(held);
            }
        }
    }

    @Test
    void whatAnEndedSessionHeldIsGivenBackWhateverAFreeThrowsAtFirst() {
        AtomicInteger defects = new AtomicInteger(1);
        UnaryOperator<RemoteMemory> defective = real -> around(RemoteMemory.class, (method, arguments) -> {
            if (method.getName().equals("free") && defects.getAndDecrement() > 0) {
                throw new IllegalStateException("a defect");
            }
            return invoke(real, method, arguments);
        });
        try (ComputeNode node = new ComputeNode(directory, Isolation.DIRECT, UnaryOperator.identity(), defective)) {
            ServiceMemory memory = node.client();
            memory.allocate(4096);
            memory.close();
            node.awaitSessions(0);
            assertThat(node.usedChunks()).isZero();
        }
    }

    @Test
    void anInterruptedThreadClosesAsEverAndStaysInterrupted() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        UnaryOperator<RemoteMemory> slow = real -> around(RemoteMemory.class, (method, arguments) -> {
            if (method.getName().equals("free")) {
                begun.countDown();
                goOn.await();
            }
            return invoke(real, method, arguments);
        });
        try (ComputeNode node = new ComputeNode(directory, Isolation.DIRECT, UnaryOperator.identity(), slow)) {
            ServiceMemory memory = node.client();
            memory.allocate(4096);
            CompletableFuture<String> end = new CompletableFuture<>();
            Thread closing = new Thread(() -> {
                Thread.currentThread().interrupt();
                memory.close();
                end.complete((goOn.getCount() == 0 ? "when all was given back" : "before")
                        + (Thread.interrupted() ? "" : ", not interrupted any more"));
            });
            closing.start();
            begun.await();
            await().atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> end.isDone() || closing.getState() == Thread.State.TIMED_WAITING);
            goOn.countDown();
            assertThat(end.get(20, TimeUnit.SECONDS)).isEqualTo("when all was given back");
        }
    }
}
