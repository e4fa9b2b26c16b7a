package io.finemem.service.ipc;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The service manager that started this process and wants to hear how it goes: systemd with {@code Type=notify}, or a container engine
 * that does the same. It is told by datagrams to the Unix socket that the environment variable {@code NOTIFY_SOCKET} names.
 *
 * <p><b>Thread-safety.</b> Immutable. Nothing here blocks.
 */
public final class ServiceManager {
    private static final int AF_UNIX = 1;
    private static final int DATAGRAM = 2;
    private static final int CLOEXEC = 0x80000;
    private static final int NONBLOCK = 0x800;
    private static final int PATH_BYTES = 108;

    private final String socket;

    private ServiceManager(String socket) {
        this.socket = socket;
    }

    /** The one that started this process; empty if none wants to hear. */
    public static Optional<ServiceManager> ofThisProcess() {
        return at(System.getenv("NOTIFY_SOCKET"));
    }

    /**
     * The one at a socket.
     *
     * @param socket an absolute path, or a name that begins with {@code @}; null or empty: there is none
     */
    static Optional<ServiceManager> at(@Nullable String socket) {
        return socket == null || socket.isEmpty() ? Optional.empty() : Optional.of(new ServiceManager(socket));
    }

    /**
     * This process can be used now.
     *
     * @throws SystemCallFailed if nobody listens there
     */
    public void ready() throws SystemCallFailed {
        tell("READY=1");
    }

    /**
     * This process has begun to stop.
     *
     * @throws SystemCallFailed if nobody listens there
     */
    public void stopping() throws SystemCallFailed {
        tell("STOPPING=1");
    }

    private void tell(String state) throws SystemCallFailed {
        byte[] name = socket.getBytes(StandardCharsets.UTF_8);
        if (name.length >= PATH_BYTES) {
            throw SystemCallFailed.tooLong("connect " + socket);
        }
        if (name[0] == '@') {
            name[0] = 0;
        }
        byte[] text = state.getBytes(StandardCharsets.US_ASCII);
        Descriptor descriptor = new Descriptor(
                SystemCallFailed.check("socket", LibC.C.socket(AF_UNIX, DATAGRAM | CLOEXEC | NONBLOCK, 0)));
        try (descriptor;
                Raw address = new Raw(Short.BYTES + PATH_BYTES);
                Raw message = new Raw(text.length)) {
            address.putShort(0, AF_UNIX);
            address.put(Short.BYTES, name);
            message.put(0, text);
            // A name of the abstract namespace ends where the address ends.
            SystemCallFailed.check(
                    "connect " + socket, LibC.C.connect(descriptor.fd(), address.at(0), Short.BYTES + name.length));
            if (LibC.C.write(descriptor.fd(), message.at(0), text.length) < 0) {
                throw SystemCallFailed.of("write to " + socket);
            }
        }
    }
}
