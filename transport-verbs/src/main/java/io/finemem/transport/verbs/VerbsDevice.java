package io.finemem.transport.verbs;

import io.finemem.spi.transport.TransportUnavailable;
import io.finemem.verbs.ffi.DeviceAttributes;
import io.finemem.verbs.ffi.DeviceOperations;
import io.finemem.verbs.ffi.Errno;
import io.finemem.verbs.ffi.LibIbverbs;
import io.finemem.verbs.ffi.MwFields;
import io.finemem.verbs.ffi.NativeBlock;
import io.finemem.verbs.ffi.NativeLibraries;
import io.finemem.verbs.ffi.NativeMemory;
import io.finemem.verbs.ffi.PortAttributes;

/**
 * The open device and its control path. Handles are addresses of the library's structures; who holds one releases it.
 *
 * <p>Asynchronous events of the device are not read: a queue pair's error is seen in its completions, and the kernel drops
 * events together with what they are about.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread, as those of libibverbs.
 */
final class VerbsDevice implements AutoCloseable {
    private final LibIbverbs library;
    private final Endpoint endpoint;
    private final VerbsSettings settings;
    private final long context;
    private final DeviceOperations operations;
    private final DeviceLimits limits;

    private VerbsDevice(LibIbverbs library, Endpoint endpoint, VerbsSettings settings, long context) {
        this.library = library;
        this.endpoint = endpoint;
        this.settings = settings;
        this.context = context;
        this.operations = DeviceOperations.of(context);
        this.limits = queryLimits();
    }

    /**
     * Opens the endpoint's device.
     *
     * @throws TransportUnavailable if the library or its provider for the device is missing, or access is denied
     */
    static VerbsDevice open(Endpoint endpoint, VerbsSettings settings) {
        LibIbverbs library = NativeLibraries.ibverbs();
        long context = openByName(library, endpoint.device().name());
        try {
            return new VerbsDevice(library, endpoint, settings, context);
        } catch (RuntimeException e) {
            library.ibv_close_device(context);
            throw e;
        }
    }

    private static long openByName(LibIbverbs library, String name) {
        long list = library.ibv_get_device_list(0);
        if (list == 0) {
            throw new TransportUnavailable("RDMA devices cannot be listed: " + Errno.describe(Errno.last()));
        }
        try {
            for (long entry = list; NativeMemory.getLong(entry) != 0; entry += Long.BYTES) {
                long device = NativeMemory.getLong(entry);
                if (name.equals(library.ibv_get_device_name(device))) {
                    return open(library, device, name);
                }
            }
        } finally {
            library.ibv_free_device_list(list);
        }
        throw new TransportUnavailable("libibverbs does not know device " + name
                + ": install its user-space driver (ibverbs-providers), and see that /dev/infiniband/uverbs* is there");
    }

    private static long open(LibIbverbs library, long device, String name) {
        long context = library.ibv_open_device(device);
        if (context == 0) {
            throw new TransportUnavailable("device " + name + " cannot be opened: " + Errno.describe(Errno.last())
                    + "; this user needs read and write access to /dev/infiniband/uverbs*");
        }
        return context;
    }

    private DeviceLimits queryLimits() {
        try (NativeBlock device = NativeBlock.of(DeviceAttributes.BYTES);
                NativeBlock port = NativeBlock.of(PortAttributes.BYTES)) {
            byte number = (byte) endpoint.port().number();
            int error = library.ibv_query_device(context, device.address());
            if (error == 0) {
                error = library.ibv_query_port(context, number, port.address());
            }
            if (error != 0) {
                throw new TransportUnavailable(
                        "device " + endpoint.name() + " does not answer: " + Errno.describe(error));
            }
            return DeviceLimits.of(
                    device.address(), port.address(), endpoint.device().kind() == RdmaDevice.Kind.RXE);
        }
    }

    LibIbverbs library() {
        return library;
    }

    DeviceOperations operations() {
        return operations;
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

    long allocateDomain() {
        return made(library.ibv_alloc_pd(context), "a protection domain");
    }

    void releaseDomain(long pd) {
        released(library.ibv_dealloc_pd(pd), "protection domain");
    }

    long createCompletionQueue(int entries) {
        return made(library.ibv_create_cq(context, entries, 0, 0, 0), "a completion queue");
    }

    void destroyCompletionQueue(long cq) {
        released(library.ibv_destroy_cq(cq), "completion queue");
    }

    /** An {@code ibv_mr*}; pins the memory. */
    long register(long pd, long address, long bytes, int access) {
        long mr = library.ibv_reg_mr(pd, address, bytes, access);
        if (mr == 0) {
            throw DeviceErrors.registrationRefused(bytes, name(), Errno.last());
        }
        return mr;
    }

    /** Returns 0, or an error number if a window is bound to it. */
    int deregister(long mr) {
        return library.ibv_dereg_mr(mr);
    }

    long allocateWindow(long pd) {
        return made(operations.allocateMemoryWindow(pd, MwFields.TYPE_1), "a memory window");
    }

    void releaseWindow(long mw) {
        released(operations.deallocateMemoryWindow(mw), "memory window");
    }

    @Override
    public void close() {
        released(library.ibv_close_device(context), "device");
    }

    private long made(long handle, String what) {
        if (handle == 0) {
            throw DeviceErrors.refused(what, name(), Errno.last());
        }
        return handle;
    }

    /** A release that fails is a defect of ours (wrong order): it is never hidden. */
    private void released(int error, String what) {
        if (error != 0) {
            throw new IllegalStateException(
                    "the " + what + " of " + name() + " cannot be released: " + Errno.describe(error));
        }
    }
}
