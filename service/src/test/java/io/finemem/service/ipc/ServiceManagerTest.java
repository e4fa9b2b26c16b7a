package io.finemem.service.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceManagerTest {
    private static final int AF_UNIX = 1;
    private static final int DATAGRAM_NONBLOCK = 2 | 0x800;
    private static final int ROOM = 64;

    @TempDir
    Path directory;

    /** What systemd has: a socket of datagrams. */
    private static Descriptor listening(byte[] name) throws SystemCallFailed {
        Descriptor descriptor =
                new Descriptor(SystemCallFailed.check("socket", LibC.C.socket(AF_UNIX, DATAGRAM_NONBLOCK, 0)));
        try (Raw address = new Raw(Short.BYTES + name.length)) {
            address.putShort(0, AF_UNIX);
            address.put(Short.BYTES, name);
            SystemCallFailed.check("bind", LibC.C.bind(descriptor.fd(), address.at(0), Short.BYTES + name.length));
        }
        return descriptor;
    }

    private static String heard(Descriptor listening) {
        try (Raw message = new Raw(ROOM)) {
            int length = (int) LibC.C.read(listening.fd(), message.at(0), ROOM);
            return length < 0 ? "nothing" : new String(message.get(0, length), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void hearsThatTheProcessIsReadyAndThatItStops() throws Exception {
        String path = directory.resolve("notify").toString();
        try (Descriptor listening = listening(path.getBytes(StandardCharsets.UTF_8))) {
            ServiceManager manager = ServiceManager.at(path).orElseThrow();
            assertThat(heard(listening)).isEqualTo("nothing");
            manager.ready();
            assertThat(heard(listening)).isEqualTo("READY=1");
            manager.stopping();
            assertThat(heard(listening)).isEqualTo("STOPPING=1");
        }
    }

    @Test
    void itsSocketMayBeAnAbstractName() throws Exception {
        String name = "finemem/" + UUID.randomUUID();
        try (Descriptor listening = listening(("\0" + name).getBytes(StandardCharsets.UTF_8))) {
            ServiceManager.at("@" + name).orElseThrow().ready();
            assertThat(heard(listening)).isEqualTo("READY=1");
        }
    }

    @Test
    void withoutASocketThereIsNone() {
        assertThat(ServiceManager.at(null)).isEmpty();
        assertThat(ServiceManager.at("")).isEmpty();
    }

    @Test
    void oneThatIsGoneIsToldByName() {
        String gone = directory.resolve("gone").toString();
        assertThatThrownBy(() -> ServiceManager.at(gone).orElseThrow().ready())
                .isInstanceOf(SystemCallFailed.class)
                .hasMessageContaining("connect " + gone + ": errno 2");
        String tooLong = "/" + "x".repeat(108);
        assertThatThrownBy(() -> ServiceManager.at(tooLong).orElseThrow().ready())
                .isInstanceOf(SystemCallFailed.class)
                .hasMessageContaining("errno 36");
    }
}
