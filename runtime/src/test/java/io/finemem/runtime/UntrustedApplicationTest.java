package io.finemem.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.api.ErrorCode;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.service.ipc.EventFd;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.PollSet;
import io.finemem.service.ipc.Received;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.ipc.UnixSocket;
import io.finemem.spi.transport.Transports;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An application of the service that sends what it likes, with the memory node behind its real control channel. */
@Timeout(60)
class UntrustedApplicationTest {
    @TempDir
    Path directory;

    private Config config(String more) {
        return ConfigFactory.parseString("finemem { transport { name = shm, shm.directory = \"" + directory
                + "\" }\n secret-file = \"" + directory.resolve("secret") + "\"\n"
                + "memory-node { pool = 4MiB, listen.port = 0 }\n service.socket = \""
                + directory.resolve("run/service")
                + "\"\n client { through = service " + more + "} }");
    }

    private static FineMemConfig read(Config config) {
        return FineMemConfig.of(config, Transports.discover().providers());
    }

    @Test
    void aDescriptorThatIsNoneCostsOnlyItsSenderAnError() throws Exception {
        PresharedSecret.create(directory.resolve("secret"));
        try (MemoryNodeDaemon node = MemoryNodeDaemon.open(read(config("")).memoryNode(), Transports.discover())) {
            Config config = config(", memory-nodes = [ { name = mn0, address = \"127.0.0.1:"
                    + node.address().getPort() + "\" } ]");
            try (ComputeNodeDaemon service = ComputeNodeDaemon.open(read(config).service(), Transports.discover());
                    FineMem honest = FineMem.connect(config);
                    RemoteBlock before = honest.allocate(4096)) {
                assertThat(answerTo(service.socket(), new byte[40]))
                        .isInstanceOfSatisfying(Frame.Failed.class, failed -> assertThat(failed.code())
                                .isEqualTo(ErrorCode.INVALID_REQUEST.number()));
                assertThat(before.fetchAdd(0, 1)).isNotNegative();
                honest.allocate(4096).close();
                assertThat(service.memoryNodes()).containsExactly("mn0");
                assertThat(node.audit().violations()).isEmpty();
            }
        }
    }

    /** What the service says to an application that asks for a data connection to that. */
    private static Frame answerTo(Path path, byte[] descriptor) throws IOException {
        try (UnixSocket socket = UnixSocket.connected(path)) {
            socket.send(FrameCodec.encode(new Frame.Hello(SegmentLayout.VERSION, 1, "hostile")));
            assertThat(receive(socket)).isInstanceOf(Frame.Welcome.class);
            socket.send(FrameCodec.encode(new Frame.Connect(1, 0, descriptor)));
            return receive(socket);
        }
    }

    private static Frame receive(UnixSocket socket) throws IOException {
        try (EventFd nobody = new EventFd();
                PollSet one = new PollSet(nobody)) {
            one.add(socket);
            Received packet = null;
            for (int i = 0; packet == null && i < 100; i++) {
                one.await(100);
                packet = socket.receive();
            }
            assertThat(packet).as("a packet within 10 s").isNotNull();
            packet.drop();
            return FrameCodec.decode(packet.bytes());
        }
    }
}
