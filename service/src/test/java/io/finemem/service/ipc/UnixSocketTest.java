package io.finemem.service.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
    @TempDir
    Path directory;

    @Test
    void aPacketArrivesWholeWithWhoSentItAndWhatCameWithIt() throws Exception {
        Path path = directory.resolve("socket");
        try (UnixSocket listening = UnixSocket.bound(path)) {
            assertThatThrownBy(() -> UnixSocket.connected(path)).hasMessageContaining("errno 111");
            listening.listen();
            listening.tellSenders();
            assertThat(listening.accept()).isNull();
            try (UnixSocket client = UnixSocket.connected(path);
                    UnixSocket served = listening.accept();
                    SharedSegment segment = SharedSegment.create("test", 4096)) {
                int pid = (int) ProcessHandle.current().pid();
                assertThat(served.peer())
                        .isEqualTo(client.peer())
                        .extracting(Peer::pid)
                        .isEqualTo(pid);
                assertThat(client.receive()).isNull();
                client.send(ByteBuffer.wrap(new byte[] {1, 2, 3}));
                client.send(ByteBuffer.wrap(new byte[] {4}), segment);
                Received first = served.receive();
                assertThat(first.bytes()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
                assertThat(first.senderPid()).isEqualTo(pid);
                assertThat(first.descriptor()).isNegative();
                Received second = served.receive();
                try (SharedSegment same = SharedSegment.adopt(second.descriptor(), 4096)) {
                    segment.memory().put(17, (byte) 9);
                    assertThat(same.memory().get(17)).isEqualTo((byte) 9);
                }
                client.shutdown();
                assertThat(served.receive().end()).isTrue();
            }
        }
    }

    @Test
    void aSocketThatIsClosedSendsAndReceivesNothingMore() throws Exception {
        Path path = directory.resolve("socket");
        try (UnixSocket listening = UnixSocket.bound(path)) {
            listening.listen();
            UnixSocket client = UnixSocket.connected(path);
            client.close();
            client.close();
            assertThatThrownBy(() -> client.send(ByteBuffer.allocate(1))).isInstanceOf(SystemCallFailed.class);
            assertThat(client.receive().end()).isTrue();
        }
    }

    @Test
    void lastWordsOfAPeerThatClosedWithPacketsUnreadStillArrive() throws Exception {
        Path path = directory.resolve("socket");
        try (UnixSocket listening = UnixSocket.bound(path)) {
            listening.listen();
            listening.tellSenders();
            try (UnixSocket client = UnixSocket.connected(path)) {
                try (UnixSocket served = listening.accept()) {
                    client.send(ByteBuffer.wrap(new byte[] {1}));
                    served.send(ByteBuffer.wrap(new byte[] {2}));
                }
                assertThat(client.receive().bytes()).isEqualTo(ByteBuffer.wrap(new byte[] {2}));
                assertThat(client.receive().end()).isTrue();
            }
        }
    }
}
