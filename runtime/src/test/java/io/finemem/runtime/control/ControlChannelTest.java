package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.HeartbeatReply;
import io.finemem.allocator.control.JournalSegment;
import io.finemem.allocator.control.NodeState;
import io.finemem.allocator.control.OwnerGrant;
import io.finemem.api.AuthenticationFailed;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.ProtocolViolation;
import io.finemem.spi.transport.ConnectionLost;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ControlChannelTest extends ServedMemoryNode {
    @Test
    void everyCallReachesTheMemoryNodeAndItsResultComesBack() {
        try (ControlClient client = connect()) {
            assertThat(client.describe()).isEqualTo(FakeMemoryNode.POOL);
            assertThat(client.register()).isEqualTo(new OwnerGrant(7, 10_000, new JournalSegment(0, 64)));
            assertThat(client.registerResumable().token()).isEqualTo(FakeMemoryNode.TOKEN);
            assertThat(client.resume(7, FakeMemoryNode.TOKEN).undecided()).containsExactly(5);
            assertThat(client.growJournal()).isEqualTo(new JournalSegment(64, 32));
            assertThat(client.connect(ConnectionPurpose.HEAP, new byte[] {9}).descriptor())
                    .containsExactly(1, 9);
            client.disconnect(3);
            assertThat(client.heartbeat(4)).isEqualTo(new HeartbeatReply(5, NodeState.DRAINING, 8192));
            assertThat(client.statistics()).isEqualTo(FakeMemoryNode.STATISTICS);
            assertThat(client.drain(true)).isEqualTo(FakeMemoryNode.STATISTICS);
            client.stop();
            assertThat(client.resolve(new int[] {6, 7})).containsExactly(6);
            assertThat(client.inspect()).isEqualTo(FakeMemoryNode.INSPECTION);
            assertThat(client.audit()).isEqualTo(FakeMemoryNode.AUDIT);
            client.leave();
        }
        assertThat(session().calls)
                .containsExactly(
                        "describe",
                        "register",
                        "registerResumable",
                        "resume 7 true",
                        "growJournal",
                        "connect HEAP 1",
                        "disconnect 3",
                        "heartbeat 4",
                        "statistics",
                        "drain true",
                        "stop",
                        "resolve 2",
                        "inspect",
                        "audit",
                        "leave",
                        "close");
    }

    @Test
    void theWildcardIsToldAsItWasWritten() {
        try (ControlServer server =
                ControlServer.start(new InetSocketAddress("0.0.0.0", 0), LIMITS, secret, node::newSession)) {
            assertThat(server.address().getAddress().getHostAddress()).isEqualTo("0.0.0.0");
        }
    }

    @Test
    void closeReturnsAfterTheSessionHasEndedAtTheMemoryNode() {
        ControlClient client = connect();
        client.close();
        assertThat(session().calls).containsExactly("close");
        client.close();
        assertThat(session().calls).containsExactly("close");
    }

    @Test
    void toCallsAfterCloseTheMemoryNodeIsLost() {
        ControlClient client = connect();
        client.close();
        assertThatThrownBy(client::describe)
                .isInstanceOf(MemoryNodeLost.class)
                .hasMessageStartingWith("the control session is closed ");
    }

    @Test
    void failuresComeBackAsTheSameExceptionAndTheSessionGoesOn() {
        try (ControlClient client = connect()) {
            for (FineMemException failure : new FineMemException[] {
                new InvalidRequest("the session has an owner already", "owner", 7),
                new OutOfLocalResources("no journal space left"),
                new ConnectionLost("queue pair is in error")
            }) {
                node.failure = failure;
                assertThatThrownBy(client::register)
                        .isExactlyInstanceOf(failure.getClass())
                        .hasMessage(failure.getMessage());
            }
            node.failure = new MemoryClosed("the memory node was closed");
            assertThatThrownBy(client::register)
                    .isInstanceOf(MemoryNodeLost.class)
                    .hasMessage("the memory node was closed");
            node.failure = null;
            assertThat(client.register().ownerId()).isEqualTo(7);
        }
    }

    @Test
    void aDefectAtTheMemoryNodeEndsTheSessionAndSaysSo() throws InterruptedException {
        try (ControlClient client = connect()) {
            node.failure = new IllegalStateException("boom");
            assertThatThrownBy(client::register)
                    .isInstanceOf(ProtocolViolation.class)
                    .hasMessageContaining("defect")
                    .hasMessageContaining("boom");
            awaitEnd(session());
            assertThatThrownBy(client::describe).isInstanceOf(MemoryNodeLost.class);
        }
    }

    @Test
    void anotherSecretIsRefusedOnBothSides() {
        PresharedSecret other = PresharedSecret.random();
        assertThatThrownBy(() -> ControlClient.connect(server.address(), other, "app", TIMEOUTS))
                .isInstanceOf(AuthenticationFailed.class)
                .hasMessageContaining("refused the secret")
                .hasMessageContaining("same secret file");
        assertThat(node.sessions).isEmpty();
    }

    @Test
    void aMemoryNodeThatDoesNotKnowTheSecretIsNotBelieved() throws Exception {
        try (ServerSocket impostor = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> answerWithNoise(impostor));
            thread.start();
            InetSocketAddress address = (InetSocketAddress) impostor.getLocalSocketAddress();
            assertThatThrownBy(() -> ControlClient.connect(address, secret, "app", TIMEOUTS))
                    .isInstanceOf(AuthenticationFailed.class)
                    .hasMessageContaining("did not prove");
            thread.join();
        }
    }

    private static void answerWithNoise(ServerSocket impostor) {
        try (Socket socket = impostor.accept()) {
            socket.getInputStream().readNBytes(Greeting.BYTES + NoiseHandshake.MESSAGE_BYTES);
            socket.getOutputStream()
                    .write(Greeting.ofMemoryNode(Greeting.Status.OK).encode());
            byte[] forged = new byte[NoiseHandshake.MESSAGE_BYTES];
            forged[0] = 9;
            socket.getOutputStream().write(forged);
            socket.getInputStream().readNBytes(1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aClientTellsWhichVersionsDoNotFit() throws Exception {
        try (ServerSocket newer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> answerWithVersion(newer, 2));
            thread.start();
            InetSocketAddress address = (InetSocketAddress) newer.getLocalSocketAddress();
            assertThatThrownBy(() -> ControlClient.connect(address, secret, "app", TIMEOUTS))
                    .isInstanceOf(ProtocolViolation.class)
                    .hasMessageContaining("memory node speaks version 2")
                    .hasMessageContaining("this side speaks version 1");
            thread.join();
        }
    }

    private static void answerWithVersion(ServerSocket server, int version) {
        try (Socket socket = server.accept()) {
            socket.getInputStream().readNBytes(Greeting.BYTES + NoiseHandshake.MESSAGE_BYTES);
            socket.getOutputStream().write(new Greeting(version, Greeting.Status.WRONG_VERSION).encode());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void somethingElseThanAControlPortIsRecognised() throws Exception {
        try (ServerSocket web = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> {
                try (Socket socket = web.accept()) {
                    socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes());
                    socket.getInputStream().readNBytes(1);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            thread.start();
            InetSocketAddress address = (InetSocketAddress) web.getLocalSocketAddress();
            assertThatThrownBy(() -> ControlClient.connect(address, secret, "app", TIMEOUTS))
                    .isInstanceOf(ProtocolViolation.class)
                    .hasMessageContaining("does not speak the control protocol");
            thread.join();
        }
    }

    @Test
    void nobodyListeningIsOneClearFailure() throws IOException {
        InetSocketAddress free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = (InetSocketAddress) socket.getLocalSocketAddress();
        }
        assertThatThrownBy(() -> ControlClient.connect(free, secret, "app", TIMEOUTS))
                .isInstanceOf(MemoryNodeLost.class)
                .hasMessageContaining(free.getPort() + " does not answer")
                .hasMessageContaining("is it running");
    }

    @Test
    void anUnknownHostIsAConfigurationMistake() {
        InetSocketAddress nowhere = InetSocketAddress.createUnresolved("no-such-host.invalid", 1);
        assertThatThrownBy(() -> ControlClient.connect(nowhere, secret, "app", TIMEOUTS))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("no-such-host.invalid");
    }

    @Test
    void aPortInUseIsOneClearFailure() {
        assertThatThrownBy(() -> ControlServer.start(server.address(), LIMITS, secret, node::newSession))
                .isInstanceOf(OutOfLocalResources.class)
                .hasMessageContaining("127.0.0.1:" + server.address().getPort())
                .hasMessageContaining("already in use")
                .hasMessageContaining("--port");
    }

    @Test
    void aForeignAddressToListenOnIsAConfigurationMistake() {
        InetSocketAddress foreign = new InetSocketAddress("192.0.2.1", 0);
        assertThatThrownBy(() -> ControlServer.start(foreign, LIMITS, secret, node::newSession))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("192.0.2.1");
    }

    @Test
    void anUnknownHostToListenOnIsAConfigurationMistake() {
        InetSocketAddress unknown = InetSocketAddress.createUnresolved("nowhere.invalid", 7471);
        assertThatThrownBy(() -> ControlServer.start(unknown, LIMITS, secret, node::newSession))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("cannot listen on nowhere.invalid:7471: there is no such host;"
                        + " set finemem.memory-node.listen.host to an address of this machine");
    }

    @Test
    void theWildcardAddressListensOnAll() {
        try (ControlServer all =
                ControlServer.start(new InetSocketAddress("0.0.0.0", 0), LIMITS, secret, node::newSession)) {
            InetSocketAddress here = new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), all.address().getPort());
            try (ControlClient client = ControlClient.connect(here, secret, "app", TIMEOUTS)) {
                assertThat(client.describe()).isEqualTo(FakeMemoryNode.POOL);
            }
        }
    }

    @Test
    void aMemoryNodeThatDoesNotAnswerInTimeCostsTheSession() {
        node.auditMayEnd = new CountDownLatch(1);
        ControlTimeouts hasty = new ControlTimeouts(LONG, SHORT, LONG);
        try (ControlClient client = ControlClient.connect(server.address(), secret, "app", hasty)) {
            assertThatThrownBy(client::audit).isInstanceOf(OperationTimeout.class);
            assertThatThrownBy(client::describe).isInstanceOf(MemoryNodeLost.class);
        } finally {
            Objects.requireNonNull(node.auditMayEnd).countDown();
        }
    }

    @Test
    void aMemoryNodeThatGoesAwayIsNoticedByTheHeartbeat() throws InterruptedException {
        ControlTimeouts lively = new ControlTimeouts(LONG, LONG, Duration.ofMillis(20));
        try (ControlClient client = ControlClient.connect(server.address(), secret, "app", lively)) {
            server.close();
            awaitEnd(session());
            await().atMost(LONG)
                    .untilAsserted(() -> assertThatThrownBy(client::describe).isInstanceOf(MemoryNodeLost.class));
        }
    }

    @Test
    void anInterruptedCallerGetsItsAnswerAndStaysInterrupted() {
        try (ControlClient client = connect()) {
            Thread.currentThread().interrupt();
            assertThat(client.describe()).isEqualTo(FakeMemoryNode.POOL);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(client.describe()).isEqualTo(FakeMemoryNode.POOL);
        }
    }

    @Test
    void heartbeatsKeepAnIdleSessionAlive() throws InterruptedException {
        restart(new ControlLimits(4, 4, LONG, SHORT));
        try (ControlClient client = connect()) {
            assertThat(session().ended.await(3 * SHORT.toMillis(), TimeUnit.MILLISECONDS))
                    .as("session ended though the client is alive")
                    .isFalse();
            assertThat(client.describe()).isEqualTo(FakeMemoryNode.POOL);
        }
    }

    @Test
    void theSessionLimitIsToldToAuthenticatedPeersOnly() {
        restart(new ControlLimits(1, 4, LONG, LONG));
        try (ControlClient first = connect()) {
            assertThatThrownBy(() -> ControlClient.connect(server.address(), secret, "other", TIMEOUTS))
                    .isInstanceOf(OutOfLocalResources.class)
                    .hasMessageContaining("limit of 1 control sessions")
                    .hasMessageContaining("max-sessions");
            assertThat(first.describe()).isEqualTo(FakeMemoryNode.POOL);
        }
        await().atMost(LONG).until(() -> server.sessions() == 0);
        connect().close();
    }

    @Test
    void closingTheServerEndsAllSessions() throws InterruptedException {
        ControlClient client = connect();
        server.close();
        awaitEnd(session());
        client.close();
    }

    @Test
    void theRequestThatClosesTheServerIsAnswered() throws InterruptedException {
        Thread closing = new Thread(server::close);
        node.whenStopped = () -> {
            closing.start();
            await().atMost(LONG).until(() -> closing.getState() == Thread.State.TIMED_WAITING);
        };
        try (ControlClient client = connect()) {
            client.stop();
        }
        closing.join(LONG.toMillis());
        assertThat(closing.isAlive()).isFalse();
    }
}
