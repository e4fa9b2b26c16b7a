package io.finemem.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.finemem.api.ServiceLost;
import io.finemem.service.client.ServiceClientOptions;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.SystemCallFailed;
import io.finemem.service.ipc.UnixSocket;
import io.finemem.spi.transport.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** As many connections wait to be accepted as the kernel lets wait: a connect that does not block fails with EAGAIN. */
@Timeout(60)
class FullBacklogTest {
    @TempDir
    Path directory;

    private final List<UnixSocket> waiting = new ArrayList<>();
    private Transport transport;
    private UnixSocket listening;
    private Path socket;

    @BeforeEach
    void fillTheBacklog() throws Exception {
        transport = ComputeNode.transport(directory);
        socket = directory.resolve("service");
        listening = UnixSocket.bound(socket);
        listening.listen();
        assertThatThrownBy(() -> {
                    while (true) {
                        waiting.add(UnixSocket.connected(socket));
                    }
                })
                .isInstanceOfSatisfying(
                        SystemCallFailed.class, full -> assertThat(full.errno()).isEqualTo(SystemCallFailed.EAGAIN));
    }

    @AfterEach
    void close() {
        waiting.forEach(UnixSocket::close);
        listening.close();
        transport.close();
    }

    private ServiceMemory open(Duration timeout) {
        return ServiceMemory.open(
                transport, ServiceClientOptions.at(socket, "patient").withConnectTimeout(timeout));
    }

    @Test
    void anApplicationGetsThroughOnceTheServiceAcceptsAgain() throws Exception {
        CompletableFuture<ServiceMemory> opening = CompletableFuture.supplyAsync(() -> open(Duration.ofSeconds(30)));
        await().during(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(5))
                .until(() -> !opening.isDone()); // it would have failed by now if it did not try again
        for (int i = 0; i < waiting.size(); i++) {
            UnixSocket earlier = listening.accept();
            assertThat(earlier).isNotNull();
            earlier.close();
        }
        try (UnixSocket accepted = awaitConnection()) {
            await().atMost(Duration.ofSeconds(10))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> {
                        var packet = accepted.receive();
                        return packet != null
                                && FrameCodec.decode(packet.bytes()) instanceof Frame.Hello hello
                                && hello.application().equals("patient");
                    });
        }
        assertThatThrownBy(() -> opening.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(ServiceLost.class)
                .hasMessageContaining("it closed the connection");
    }

    private UnixSocket awaitConnection() {
        UnixSocket[] accepted = new UnixSocket[1];
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> (accepted[0] = listening.accept()) != null);
        return accepted[0];
    }

    @Test
    void afterTheConnectTimeoutTheErrorNamesTheKey() {
        assertThatThrownBy(() -> open(Duration.ofMillis(50)))
                .isInstanceOf(ServiceLost.class)
                .hasMessageContaining("accepts no connections")
                .hasMessageContaining("finemem.client.connect-timeout")
                .hasMessageContaining("millis=50");
    }

    @Test
    void aServiceThatAcceptsAndSaysNothingIsGivenUpAfterTheSameTime() throws Exception {
        for (int i = 0; i < waiting.size(); i++) {
            listening.accept().close();
        }
        assertThatThrownBy(() -> open(Duration.ofMillis(50)))
                .isInstanceOf(ServiceLost.class)
                .hasMessageContaining("no answer within finemem.client.connect-timeout")
                .hasMessageContaining("millis=50");
    }

    @Test
    void anInterruptEndsTheWaitAndStays() throws Exception {
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                open(Duration.ofMinutes(5)).close();
                ended.completeExceptionally(new AssertionError("nobody has answered"));
            } catch (ServiceLost e) {
                ended.complete(Thread.currentThread().isInterrupted());
            }
        });
        thread.start();
        thread.interrupt();
        assertThat(ended.get(10, TimeUnit.SECONDS)).isTrue();
    }
}
