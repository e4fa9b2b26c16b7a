package io.finemem.verbs.disni;

import com.ibm.disni.RdmaCmProcessor;
import com.ibm.disni.verbs.IbvQPInitAttr;
import com.ibm.disni.verbs.RdmaConnParam;
import io.finemem.verbs.ffi.Descriptors;
import io.finemem.verbs.ffi.Errno;
import io.finemem.verbs.ffi.LibRdmacm;
import io.finemem.verbs.ffi.NativeMemory;
import io.finemem.verbs.ffi.RdmaConnectionFields;
import io.finemem.verbs.ffi.RdmaIdFields;
import io.finemem.verbs.ffi.Scratch;
import io.finemem.verbs.ffi.SocketAddressFields;
import java.io.IOException;
import java.lang.ref.Reference;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The native side of {@link JnrRdmaCm}: one method per call, failures as {@link IOException}. */
final class CmCalls {
    private static final StackWalker CALLERS = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private final LibRdmacm cm;

    CmCalls(LibRdmacm cm) {
        this.cm = cm;
    }

    JnrEventChannel createChannel() throws IOException {
        long channel = cm.rdma_create_event_channel();
        if (channel == 0) {
            throw new IOException("rdma_create_event_channel failed [" + Errno.describe(Errno.last())
                    + "]; /dev/infiniband/rdma_cm must exist (module rdma_ucm) and be writable");
        }
        int fd = NativeMemory.getInt(channel);
        int errno = Descriptors.setNonBlocking(fd);
        if (errno != 0) {
            cm.rdma_destroy_event_channel(channel);
            throw Failures.of("fcntl", errno);
        }
        return new JnrEventChannel(channel, fd, calledByEndpointGroup());
    }

    private static boolean calledByEndpointGroup() {
        return CALLERS.walk(frames -> frames.anyMatch(frame -> frame.getDeclaringClass() == RdmaCmProcessor.class));
    }

    void destroyChannel(long channel) {
        cm.rdma_destroy_event_channel(channel);
    }

    long createId(long channel, int portSpace) throws IOException {
        try (Scratch id = new Scratch(Long.BYTES)) {
            Failures.checkLast("rdma_create_id", cm.rdma_create_id(channel, id.address(), 0, portSpace));
            return NativeMemory.getLong(id.address());
        }
    }

    int destroyId(long id) {
        return cm.rdma_destroy_id(id);
    }

    JnrQp createQp(JnrCmId id, JnrPd pd, IbvQPInitAttr attributes) throws IOException {
        try (QpRequest request = new QpRequest(pd, attributes)) {
            long nativeId = id.address();
            Failures.checkLast("rdma_create_qp", cm.rdma_create_qp(nativeId, pd.address(), request.address()));
            return request.handle(RdmaIdFields.queuePair(nativeId), id);
        }
    }

    void destroyQp(JnrCmId id) throws IOException {
        cm.rdma_destroy_qp(id.address());
    }

    void bind(JnrCmId id, InetSocketAddress address) throws IOException {
        try (Scratch local = sockaddr(address)) {
            Failures.checkLast("rdma_bind_addr to " + address, cm.rdma_bind_addr(id.address(), local.address()));
        }
    }

    void listen(JnrCmId id, int backlog) throws IOException {
        Failures.checkLast("rdma_listen", cm.rdma_listen(id.address(), backlog));
    }

    void resolveAddress(
            JnrCmId id, @Nullable InetSocketAddress source, InetSocketAddress destination, int timeoutMillis)
            throws IOException {
        try (Scratch local = source == null ? null : sockaddr(source);
                Scratch remote = sockaddr(destination)) {
            long from = local == null ? 0 : local.address();
            int result = cm.rdma_resolve_addr(id.address(), from, remote.address(), timeoutMillis);
            Failures.checkLast("rdma_resolve_addr of " + destination, result);
        }
    }

    void resolveRoute(JnrCmId id, int timeoutMillis) throws IOException {
        Failures.checkLast("rdma_resolve_route", cm.rdma_resolve_route(id.address(), timeoutMillis));
    }

    void connect(JnrCmId id, RdmaConnParam parameters) throws IOException {
        try (Scratch struct = connection(id, parameters)) {
            Failures.checkLast("rdma_connect", cm.rdma_connect(id.address(), struct.address()));
        } finally {
            Reference.reachabilityFence(parameters);
        }
    }

    void accept(JnrCmId id, RdmaConnParam parameters) throws IOException {
        try (Scratch struct = connection(id, parameters)) {
            Failures.checkLast("rdma_accept", cm.rdma_accept(id.address(), struct.address()));
        } finally {
            Reference.reachabilityFence(parameters);
        }
    }

    void reject(JnrCmId id, ByteBuffer privateData) throws IOException {
        byte[] bytes = new byte[privateData.remaining()];
        privateData.duplicate().get(bytes);
        try (Scratch data = new Scratch(Math.max(1, bytes.length))) {
            NativeMemory.put(data.address(), bytes, 0, bytes.length);
            int result = cm.rdma_reject(id.address(), data.address(), (byte) bytes.length);
            Failures.checkLast("rdma_reject with " + bytes.length + " bytes", result);
        }
    }

    int disconnect(JnrCmId id) throws IOException {
        return cm.rdma_disconnect(id.address());
    }

    @Nullable
    InetSocketAddress sourceAddress(JnrCmId id) throws IOException {
        return SocketAddressFields.get(RdmaIdFields.source(id.address()));
    }

    @Nullable
    InetSocketAddress destinationAddress(JnrCmId id) throws IOException {
        return SocketAddressFields.get(RdmaIdFields.destination(id.address()));
    }

    /** The next native event, or 0 if there was none within the time. */
    long takeEvent(JnrEventChannel channel, int timeoutMillis) throws IOException {
        do {
            int ready = Descriptors.awaitReadable(channel.getFd(), timeoutMillis);
            if (ready < 0) {
                throw Failures.of("poll of an event channel", ready);
            }
            long event = ready == 0 ? 0 : takeReadyEvent(channel.address());
            if (event != 0) {
                return event;
            }
        } while (timeoutMillis < 0);
        return 0;
    }

    private long takeReadyEvent(long channel) throws IOException {
        try (Scratch event = new Scratch(Long.BYTES)) {
            if (cm.rdma_get_cm_event(channel, event.address()) == 0) {
                return NativeMemory.getLong(event.address());
            }
            int errno = Errno.last();
            if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
                return 0;
            }
            throw Failures.of("rdma_get_cm_event", errno);
        }
    }

    void acknowledge(long event) throws IOException {
        Failures.checkLast("rdma_ack_cm_event", cm.rdma_ack_cm_event(event));
    }

    private static Scratch sockaddr(InetSocketAddress address) throws IOException {
        Scratch sockaddr = new Scratch(SocketAddressFields.BYTES);
        try {
            SocketAddressFields.set(sockaddr.address(), address);
            return sockaddr;
        } catch (IOException e) {
            sockaddr.close();
            throw e;
        }
    }

    private static Scratch connection(JnrCmId id, RdmaConnParam parameters) throws IOException {
        JnrContext context = (JnrContext) id.getVerbs();
        Scratch struct = new Scratch(RdmaConnectionFields.BYTES);
        ConnectionParameters.write(
                struct.address(), parameters, id.request(), context == null ? null : context.limits());
        return struct;
    }
}
