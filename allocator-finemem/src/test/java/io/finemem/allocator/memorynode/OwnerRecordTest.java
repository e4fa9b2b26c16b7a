package io.finemem.allocator.memorynode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.OwnerFenced;
import io.finemem.spi.transport.Connection;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OwnerRecordTest {
    private final OwnerRecord owner = new OwnerRecord(7, "peer", 1_000, 0);
    private final AtomicInteger grants = new AtomicInteger();

    @Test
    void nothingIsGrantedToAnOwnerThatWasDeclaredDead() {
        assertThat(owner.whileLive(grants::incrementAndGet)).isEqualTo(1);

        assertThat(owner.die()).isTrue();

        assertThatThrownBy(() -> owner.whileLive(grants::incrementAndGet)).isInstanceOf(OwnerFenced.class);
        assertThat(grants).hasValue(1);
    }

    @Test
    void ownerDiesOnceAndItsLeaseRunsOutOnlyWhileItLives() {
        assertThat(owner.leaseExpired(1_000)).isFalse();
        assertThat(owner.leaseExpired(1_001)).isTrue();
        assertThat(owner.die()).isTrue();
        assertThat(owner.die()).isFalse();
        assertThat(owner.leaseExpired(Long.MAX_VALUE)).isFalse();
    }

    @Test
    void fenceThatDoesNotComeToRestDelaysNoHeartbeatAndLetsNoLeaseRunOut() throws Exception {
        CountDownLatch fencing = new CountDownLatch(1);
        CountDownLatch rest = new CountDownLatch(1);
        int connection = owner.add(connectionThatFences(() -> {
            fencing.countDown();
            rest.await();
        }));
        CompletableFuture<Void> fence = CompletableFuture.runAsync(() -> owner.fence(connection, 1));
        fencing.await();

        owner.heartbeat(0, 0);
        assertThat(owner.leaseExpired(Long.MAX_VALUE))
                .as("its call is being served")
                .isFalse();
        assertThat(owner.state()).isEqualTo(OwnerState.LIVE);

        rest.countDown();
        fence.get(10, TimeUnit.SECONDS);
        assertThat(owner.leaseExpired(System.nanoTime() + 10_000_000_000L)).isTrue();
        owner.fence(connection, 1); // again: nothing is left to fence
    }

    private interface Wait {
        void run() throws InterruptedException;
    }

    private static Connection connectionThatFences(Wait wait) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("fence")) {
                        wait.run();
                    }
                    return null;
                });
    }
}
