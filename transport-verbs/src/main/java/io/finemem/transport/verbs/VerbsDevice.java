package io.finemem.transport.verbs;

import com.ibm.disni.verbs.IbvCQ;
import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvPd;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvQPInitAttr;
import com.ibm.disni.verbs.IbvQpAttr;
import io.finemem.spi.transport.TransportUnavailable;
import io.finemem.verbs.disni.JnrContext;
import io.finemem.verbs.disni.JnrCq;
import io.finemem.verbs.disni.JnrMr;
import io.finemem.verbs.disni.JnrMw;
import io.finemem.verbs.disni.JnrPd;
import io.finemem.verbs.disni.JnrQp;
import io.finemem.verbs.disni.JnrRdmaProvider;
import io.finemem.verbs.disni.VerbsExtensions;
import io.finemem.verbs.ffi.DeviceAttributes;
import io.finemem.verbs.ffi.DeviceOperations;
import io.finemem.verbs.ffi.Errno;
import io.finemem.verbs.ffi.LibIbverbs;
import io.finemem.verbs.ffi.NativeLibraries;
import io.finemem.verbs.ffi.PortAttributes;
import io.finemem.verbs.ffi.Scratch;
import java.io.IOException;

/**
 * The open device and its control path, in the types of DiSNI with what its provider here adds to them. Failures become
 * the exceptions of the SPI. Who holds a handle releases it.
 *
 * <p>Asynchronous events of the device are not read: a queue pair's error is seen in its completions, and the kernel
 * drops events together with what they are about.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread, as those of libibverbs.
 */
final class VerbsDevice implements AutoCloseable {
    private final VerbsExtensions verbs;
    private final Endpoint endpoint;
    private final VerbsSettings settings;
    private final JnrContext context;
    private final DeviceLimits limits;

    private VerbsDevice(VerbsExtensions verbs, Endpoint endpoint, VerbsSettings settings, JnrContext context) {
        this.verbs = verbs;
        this.endpoint = endpoint;
        this.settings = settings;
        this.context = context;
        this.limits = queryLimits();
    }

    /**
     * Opens the endpoint's device.
     *
     * @throws TransportUnavailable if the library or its provider for the device is missing, or access is denied
     */
    static VerbsDevice open(Endpoint endpoint, VerbsSettings settings) {
        NativeLibraries.ibverbs();
        String name = endpoint.device().name();
        try {
            VerbsExtensions verbs = JnrRdmaProvider.install().extensions();
            JnrContext context = verbs.openDevice(name);
            try {
                return new VerbsDevice(verbs, endpoint, settings, context);
            } catch (RuntimeException e) {
                verbs.closeDevice(context);
                throw e;
            }
        } catch (IOException e) {
            throw new TransportUnavailable(
                    e,
                    "device " + name + " cannot be opened: " + e.getMessage()
                            + "; it needs its user-space driver (ibverbs-providers), and this user read and write"
                            + " access to /dev/infiniband/uverbs*");
        }
    }

    private DeviceLimits queryLimits() {
        LibIbverbs library = NativeLibraries.ibverbs();
        try (Scratch device = new Scratch(DeviceAttributes.BYTES);
                Scratch port = new Scratch(PortAttributes.BYTES)) {
            byte number = (byte) endpoint.port().number();
            int error = library.ibv_query_device(context.address(), device.address());
            if (error == 0) {
                error = library.ibv_query_port(context.address(), number, port.address());
            }
            if (error != 0) {
                throw new TransportUnavailable("device " + name() + " does not answer: " + Errno.describe(error));
            }
            boolean softRoce = endpoint.device().kind() == RdmaDevice.Kind.RXE;
            return DeviceLimits.of(device.address(), port.address(), softRoce);
        } catch (IOException e) {
            throw DeviceErrors.refused("to answer", name(), e);
        }
    }

    DeviceOperations operations() {
        return context.operations();
    }

    Endpoint endpoint() {
        return endpoint;
    }

    VerbsSettings settings() {
        return settings;
    }

    DeviceLimits limits() {
        return limits;
    }

    String name() {
        return endpoint.name();
    }

    /** READs and atomics that a connection has under way at a time, at most. */
    int readsOut() {
        return Math.min(settings.readsInFlight(), limits.readsOut());
    }

    /** READs and atomics that a connection serves at a time. */
    int readsIn() {
        return Math.min(settings.readsInFlight(), limits.readsIn());
    }

    /** MTU to offer to peers. */
    int mtuCode() {
        return settings.mtuCode() == VerbsSettings.AUTOMATIC
                ? limits.activeMtu()
                : Math.min(settings.mtuCode(), limits.activeMtu());
    }

    /** Elements in flight that one connection can have. */
    int queueDepth() {
        return Math.min(settings.queueDepth(), limits.queueDepth());
    }

    JnrPd allocateDomain() {
        return made("a protection domain", () -> verbs.allocPd(context));
    }

    void releaseDomain(IbvPd pd) {
        done("to release a protection domain", () -> {
            int error = pd.deallocPd();
            if (error != 0) {
                throw new IOException(Errno.describe(error));
            }
        });
    }

    JnrCq createCompletionQueue(int entries) {
        return made("a completion queue", () -> verbs.createCq(context, entries));
    }

    void destroyCompletionQueue(IbvCQ queue) {
        done("to destroy a completion queue", () -> {
            int error = queue.destroyCQ();
            if (error != 0) {
                throw new IOException(Errno.describe(error));
            }
        });
    }

    JnrQp createQueuePair(IbvPd pd, IbvQPInitAttr attributes) throws IOException {
        return verbs.createQp(pd, attributes);
    }

    void modifyQueuePair(IbvQP qp, IbvQpAttr attributes) throws IOException {
        verbs.modifyQp(qp, attributes);
    }

    void destroyQueuePair(IbvQP qp) {
        done("to destroy a queue pair", () -> verbs.destroyQp(qp));
    }

    /** Pins memory and makes it known to the device. */
    JnrMr register(IbvPd pd, long address, long bytes, int access) {
        try {
            return verbs.regMemory(pd, address, bytes, access);
        } catch (IOException e) {
            throw DeviceErrors.registrationRefused(bytes, name(), e);
        }
    }

    /** Returns false if a window is bound to it. */
    boolean deregister(IbvMr region) {
        try {
            verbs.deregMemory(region);
            return true;
        } catch (IOException e) {
            int errno = DeviceErrors.errno(e);
            if (errno == Errno.EINVAL || errno == Errno.EBUSY) {
                return false;
            }
            throw DeviceErrors.refused("to end a registration", name(), e);
        }
    }

    JnrMw allocateWindow(IbvPd pd) {
        return made("a memory window", () -> verbs.allocWindow(pd, JnrMw.IBV_MW_TYPE_1));
    }

    void releaseWindow(JnrMw window) {
        done("to release a memory window", () -> verbs.deallocWindow(window));
    }

    @Override
    public void close() {
        done("to be closed", () -> verbs.closeDevice(context));
    }

    /** Address of the structure behind an open handle. */
    static long address(Making<Long> handle) {
        try {
            return handle.make();
        } catch (IOException e) {
            throw new IllegalStateException("a handle was used after its release", e);
        }
    }

    /** A native call that makes something. */
    interface Making<T> {
        T make() throws IOException;
    }

    private interface Doing {
        void run() throws Exception;
    }

    private <T> T made(String what, Making<T> call) {
        try {
            return call.make();
        } catch (IOException e) {
            throw DeviceErrors.refused(what, name(), e);
        }
    }

    /** DiSNI declares {@code Exception} for some releases. */
    private void done(String what, Doing call) {
        try {
            call.run();
        } catch (IOException e) {
            throw DeviceErrors.refused(what, name(), e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw DeviceErrors.refused(what, name(), new IOException(e));
        }
    }
}
