package io.finemem.service.ipc;

import java.io.Closeable;

/**
 * Descriptors that one thread waits for. The first is an {@link EventFd}, by which others wake it.
 *
 * <pre>
 *   struct pollfd   0 fd (4)   4 events (2)   6 revents (2)
 * </pre>
 */
public final class PollSet implements Closeable {
    private static final int ENTRY_BYTES = 8;
    private static final int EVENTS = 4;
    private static final int REVENTS = 6;
    private static final int POLLIN = 1;

    private final EventFd wake;
    private Raw entries;
    private int capacity;
    private int count;

    /** A set of {@code wake} alone. */
    public PollSet(EventFd wake) {
        this.wake = wake;
        this.capacity = 16;
        this.entries = new Raw((long) capacity * ENTRY_BYTES);
        clear();
    }

    /** Forgets all but the first. */
    public void clear() {
        count = 0;
        append(wake.fd());
    }

    /**
     * Adds a socket.
     *
     * @return its position, for {@link #readable}
     */
    public int add(UnixSocket socket) {
        return append(socket.fd());
    }

    private int append(int fd) {
        if (count == capacity) {
            Raw larger = new Raw(2L * capacity * ENTRY_BYTES);
            Raw.IO.copyMemory(entries.at(0), larger.at(0), (long) count * ENTRY_BYTES);
            entries.close();
            entries = larger;
            capacity *= 2;
        }
        long entry = (long) count * ENTRY_BYTES;
        entries.putInt(entry, fd);
        entries.putShort(entry + EVENTS, POLLIN);
        entries.putShort(entry + REVENTS, 0);
        return count++;
    }

    /**
     * Waits until one is readable, broken or closed by the peer.
     *
     * @param millis upper bound; 0 looks and does not wait, -1 waits for ever
     * @return how many are; 0 also after a signal to the process
     */
    public int await(int millis) throws SystemCallFailed {
        int ready = LibC.C.poll(entries.at(0), count, millis);
        if (ready >= 0) {
            if (entries.getShort(REVENTS) != 0) {
                wake.clear();
            }
            return ready;
        }
        if (SystemCallFailed.lastErrno() == SystemCallFailed.EINTR) {
            for (int i = 0; i < count; i++) {
                entries.putShort((long) i * ENTRY_BYTES + REVENTS, 0);
            }
            return 0;
        }
        throw SystemCallFailed.of("poll");
    }

    /** Whether the latest {@link #await} found something to read, an error or an end at that position. */
    public boolean readable(int position) {
        return entries.getShort((long) position * ENTRY_BYTES + REVENTS) != 0;
    }

    @Override
    public void close() {
        entries.close();
    }
}
