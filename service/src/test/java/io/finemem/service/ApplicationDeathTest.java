package io.finemem.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.control.Isolation;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.service.client.ServiceMemory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Applications in processes of their own. */
@Timeout(180)
class ApplicationDeathTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void whatAKilledApplicationHeldIsFreeAgainAndOthersKeepTheirs(Isolation isolation) throws Exception {
        try (ComputeNode node = new ComputeNode(directory, isolation, UnaryOperator.identity());
                ServiceMemory survivor = node.client()) {
            RemoteBlock kept = survivor.allocate(64 << 10);
            kept.write(0, ByteBuffer.wrap("survivor".getBytes()));
            for (int round = 0; round < 2; round++) {
                try (ApplicationProcess application = new ApplicationProcess(directory)) {
                    assertThat(application.ask("take 4096 100")).isEqualTo("100");
                    assertThat(application.ask("take 1048576 2")).isEqualTo("2");
                    assertThat(application.ask("churn 2")).isEqualTo("churning");
                    assertThat(node.service().sessions()).isEqualTo(2);
                    application.signal("KILL");
                }
                node.awaitSessions(1);
                node.awaitRevocations();
                assertThat(node.usedChunks()).isEqualTo(16);
            }
            ByteBuffer read = ByteBuffer.allocate(8);
            kept.read(0, read);
            assertThat(new String(read.array())).isEqualTo("survivor");
        }
    }

    @Test
    void anApplicationThatIsKilledInsideARequestLeavesNothing() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean first = new AtomicBoolean(true);
        UnaryOperator<RemoteMemory> slow = owner -> around(owner, () -> {
            if (first.compareAndSet(true, false)) {
                asked.countDown();
                assertThat(goOn.await(60, TimeUnit.SECONDS)).isTrue();
            }
            return null;
        });
        try (ComputeNode node = new ComputeNode(directory, Isolation.DIRECT, UnaryOperator.identity(), slow);
                ApplicationProcess application = new ApplicationProcess(directory)) {
            application.tell("take 4096 1");
            assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
            application.signal("KILL");
            goOn.countDown();
            node.awaitSessions(0);
            assertThat(node.usedChunks()).isZero();
            try (ServiceMemory next = node.client()) {
                next.allocate(4096);
            }
        }
    }

    /** Does something before each allocation. */
    private static RemoteMemory around(RemoteMemory owner, java.util.concurrent.Callable<Void> before) {
        return (RemoteMemory) Proxy.newProxyInstance(
                RemoteMemory.class.getClassLoader(),
                new Class<?>[] {RemoteMemory.class},
                (proxy, method, arguments) -> {
                    if (method.getName().startsWith("allocate")) {
                        before.call();
                    }
                    try {
                        return method.invoke(owner, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
