package io.finemem.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.control.Isolation;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.service.client.ServiceMemory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Interrupts of an application's threads: no call gives up half-way, and the interrupt stays for who asks. */
@Timeout(60)
class InterruptedCallTest {
    private static final int CHUNK = 4096;

    @TempDir
    Path directory;

    @Test
    void interruptedThreadFinishesEveryCallAndStaysInterrupted() {
        try (ComputeNode node = new ComputeNode(directory, Isolation.STRICT, options -> options)) {
            ServiceMemory memory = node.client();
            RemoteBlock block = memory.allocate(CHUNK);
            ByteBuffer bytes = ByteBuffer.allocate(CHUNK);
            List<RemoteBlock> made = new ArrayList<>();
            Map<String, Runnable> calls = new LinkedHashMap<>();
            calls.put("allocate", () -> made.add(memory.allocate(CHUNK)));
            calls.put("allocateAll", () -> made.addAll(memory.allocateAll(CHUNK, 100)));
            calls.put("write", () -> block.write(0, bytes.clear()));
            calls.put("read", () -> block.read(0, bytes.clear()));
            calls.put("compareAndSwap", () -> block.compareAndSwap(0, 0, 1));
            calls.put("fetchAdd", () -> block.fetchAdd(0, 1));
            calls.put("free", () -> memory.free(made.remove(0)));
            calls.put("freeAll", () -> memory.freeAll(made));
            calls.put("close of a block", block::close);
            calls.put("close", memory::close);
            calls.forEach((name, call) -> {
                Thread.currentThread().interrupt();
                call.run();
                assertThat(Thread.interrupted()).as(name).isTrue();
            });
            assertThat(made).hasSize(100);
            node.awaitSessions(0);
            node.awaitRevocations();
            assertThat(node.usedChunks()).isZero();
        } finally {
            Thread.interrupted();
        }
    }

    /** The interrupt comes while the thread sleeps in the kernel, and the answer comes later. */
    @Test
    void interruptOfAWaitingThreadDoesNotLoseTheAnswer() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        try (ComputeNode node = new ComputeNode(
                        directory, Isolation.DIRECT, options -> options, owner -> late(owner, asked, answer));
                ServiceMemory memory = node.client()) {
            CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
            List<RemoteBlock> blocks = new ArrayList<>();
            Thread caller = new Thread(() -> {
                try {
                    blocks.add(memory.allocate(CHUNK));
                    interrupted.complete(Thread.currentThread().isInterrupted());
                } catch (RuntimeException e) {
                    interrupted.completeExceptionally(e);
                }
            });
            caller.start();
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            caller.interrupt();
            await().during(Duration.ofMillis(50)).until(() -> !interrupted.isDone());
            answer.countDown();
            assertThat(interrupted.get(20, TimeUnit.SECONDS))
                    .as("stays interrupted")
                    .isTrue();
            assertThat(node.usedChunks()).isEqualTo(1);
            blocks.get(0).close();
            assertThat(node.usedChunks()).isZero();
        }
    }

    /** An owner that answers when it is told to. */
    private static RemoteMemory late(RemoteMemory owner, CountDownLatch asked, CountDownLatch answer) {
        return (RemoteMemory) Proxy.newProxyInstance(
                RemoteMemory.class.getClassLoader(),
                new Class<?>[] {RemoteMemory.class},
                (proxy, method, arguments) -> {
                    if (method.getName().startsWith("allocate")) {
                        asked.countDown();
                        answer.await();
                    }
                    try {
                        return method.invoke(owner, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
