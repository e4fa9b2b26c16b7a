package io.finemem.verbs.ffi;

import io.finemem.spi.transport.TransportUnavailable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import jnr.ffi.LibraryLoader;

/**
 * Shared libraries by soname, loaded when first asked for and kept; no {@code -dev} package and no compiler is needed.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public final class NativeLibraries {
    /** Soname of libibverbs. */
    public static final String IBVERBS = "libibverbs.so.1";
    /** Soname of librdmacm. */
    public static final String RDMACM = "librdmacm.so.1";

    private static final String FFI_PROVIDER = "could not load FFI provider";
    private static final String NO_NATIVE_PART = "the native part of jnr-ffi cannot be loaded; it is unpacked into the"
            + " directory for temporary files, java.io.tmpdir = " + System.getProperty("java.io.tmpdir")
            + ", which must be writable and not mounted noexec: set the variable TMPDIR or -Djava.io.tmpdir to another one";

    private static final ConcurrentMap<Class<?>, Object> LOADED = new ConcurrentHashMap<>();

    private NativeLibraries() {}

    /** libibverbs, or {@link TransportUnavailable} with the cause and the package to install. */
    public static LibIbverbs ibverbs() {
        return load(LibIbverbs.class, IBVERBS, "install libibverbs1 and ibverbs-providers (rdma-core)");
    }

    /** librdmacm, or {@link TransportUnavailable} with the cause and the package to install. */
    public static LibRdmacm rdmacm() {
        return load(LibRdmacm.class, RDMACM, "install librdmacm1 and ibverbs-providers (rdma-core)");
    }

    /** libc, which is always there. */
    public static LibC libc() {
        return load(LibC.class, "c", "");
    }

    /**
     * A library by its soname.
     *
     * @param type interface whose methods are the library's functions
     * @param remedy what to do if it is missing
     * @throws TransportUnavailable if it cannot be loaded; a later call tries again
     */
    public static <T> T load(Class<T> type, String soname, String remedy) {
        return type.cast(LOADED.computeIfAbsent(type, key -> open(type, soname, remedy)));
    }

    private static <T> T open(Class<T> type, String soname, String remedy) {
        try {
            return LibraryLoader.create(type).failImmediately().load(soname);
        } catch (UnsatisfiedLinkError | NoClassDefFoundError | ExceptionInInitializerError e) {
            String text = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            if (!(e instanceof UnsatisfiedLinkError) || text.contains(FFI_PROVIDER)) {
                throw new TransportUnavailable(e, soname + " cannot be called: " + NO_NATIVE_PART);
            }
            throw new TransportUnavailable(e, soname + " cannot be loaded (" + text + "); " + remedy);
        }
    }
}
