package io.finemem.verbs.disni;

import io.finemem.verbs.ffi.CompletionChannelFields;
import io.finemem.verbs.ffi.CqFields;
import io.finemem.verbs.ffi.Descriptors;
import io.finemem.verbs.ffi.Errno;
import io.finemem.verbs.ffi.LibIbverbs;
import io.finemem.verbs.ffi.NativeMemory;
import io.finemem.verbs.ffi.Scratch;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Completion queues and channels. */
final class CompletionCalls {
    private final LibIbverbs library;

    CompletionCalls(LibIbverbs library) {
        this.library = library;
    }

    JnrCompChannel createChannel(JnrContext context) throws IOException {
        long channel =
                Failures.checkPointer("ibv_create_comp_channel", library.ibv_create_comp_channel(context.address()));
        int fd = CompletionChannelFields.fd(channel);
        int errno = Descriptors.setNonBlocking(fd);
        if (errno != 0) {
            library.ibv_destroy_comp_channel(channel);
            throw Failures.of("fcntl", errno);
        }
        return new JnrCompChannel(context, channel, fd);
    }

    int destroyChannel(JnrCompChannel channel) throws IOException {
        synchronized (channel) {
            long address = channel.address();
            channel.close();
            return channel.unused() ? library.ibv_destroy_comp_channel(address) : 0;
        }
    }

    JnrCq createQueue(JnrContext context, @Nullable JnrCompChannel channel, int entries, int vector)
            throws IOException {
        if (channel == null) {
            return queue(context, null, entries, vector);
        }
        synchronized (channel) {
            JnrCq queue = queue(context, channel, entries, vector);
            channel.add(queue.address(), queue);
            return queue;
        }
    }

    private JnrCq queue(JnrContext context, @Nullable JnrCompChannel channel, int entries, int vector)
            throws IOException {
        long events = channel == null ? 0 : channel.address();
        long queue = Failures.checkPointer(
                "ibv_create_cq with " + entries + " entries",
                library.ibv_create_cq(context.address(), entries, 0, events, vector));
        return new JnrCq(context, channel, queue, CqFields.handle(queue), CqFields.entries(queue));
    }

    int destroyQueue(JnrCq queue) throws IOException {
        JnrCompChannel channel = (JnrCompChannel) queue.getChannel();
        if (channel == null) {
            return destroy(queue);
        }
        synchronized (channel) {
            long address = queue.address();
            int errno = destroy(queue);
            if (errno != 0) {
                return errno;
            }
            channel.remove(address);
            return channel.isOpen() || !channel.unused() ? 0 : library.ibv_destroy_comp_channel(channel.rawAddress());
        }
    }

    private int destroy(JnrCq queue) throws IOException {
        acknowledge(queue, Integer.MAX_VALUE);
        int errno = library.ibv_destroy_cq(queue.address());
        if (errno == 0) {
            queue.close();
        }
        return errno;
    }

    boolean takeEvent(JnrCompChannel channel, int timeoutMillis) throws IOException {
        long address = channel.address();
        do {
            int ready = Descriptors.awaitReadable(channel.getFd(), timeoutMillis);
            if (ready < 0) {
                throw Failures.of("poll of a completion channel", ready);
            }
            if (ready > 0 && takeReadyEvent(channel, address)) {
                return true;
            }
        } while (timeoutMillis < 0);
        return false;
    }

    private boolean takeReadyEvent(JnrCompChannel channel, long address) throws IOException {
        try (Scratch event = new Scratch(2 * Long.BYTES)) {
            if (library.ibv_get_cq_event(address, event.address(), event.address() + Long.BYTES) != 0) {
                int errno = Errno.last();
                if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
                    return false;
                }
                throw Failures.of("ibv_get_cq_event", errno);
            }
            JnrCq queue = channel.queue(NativeMemory.getLong(event.address()));
            if (queue != null) {
                queue.eventTaken();
            }
            return true;
        }
    }

    void acknowledge(JnrCq queue, int wanted) throws IOException {
        long address = queue.address();
        int events = queue.acknowledge(wanted);
        if (events > 0) {
            library.ibv_ack_cq_events(address, events);
        }
    }
}
