package io.finemem.service.ipc;

import java.io.Closeable;

/** A descriptor that is readable once it was {@linkplain #signal signalled}, until it is {@linkplain #clear cleared}. */
public final class EventFd implements Closeable {
    private static final int CLOEXEC_NONBLOCK = 0x80000 | 0x800;

    private final Descriptor descriptor;
    private final Raw one = new Raw(Long.BYTES);
    private final Raw count = new Raw(Long.BYTES);
    private boolean closed;

    /** A new one, not signalled. */
    public EventFd() throws SystemCallFailed {
        descriptor = new Descriptor(SystemCallFailed.check("eventfd", LibC.C.eventfd(0, CLOEXEC_NONBLOCK)));
        one.putLong(0, 1);
    }

    int fd() {
        return descriptor.fd();
    }

    /** Makes it readable; any thread, also after {@link #close()}. */
    public synchronized void signal() {
        if (!closed) {
            LibC.C.write(descriptor.fd(), one.at(0), Long.BYTES); // fails only if it is signalled 2^64 times over
        }
    }

    /** Takes the signals back; the thread that waits. */
    public synchronized void clear() {
        if (!closed) {
            LibC.C.read(descriptor.fd(), count.at(0), Long.BYTES);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            descriptor.close();
            one.close();
            count.close();
        }
    }
}
