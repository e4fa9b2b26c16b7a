package io.finemem.verbs.disni;

import com.ibm.disni.verbs.RdmaProvider;
import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.transport.TransportUnavailable;
import io.finemem.verbs.ffi.NativeLibraries;
import java.io.IOException;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/**
 * DiSNI on libibverbs and librdmacm without {@code libdisni.so} and without a flag of the JVM.
 *
 * <p>Call {@link #install()} before the program uses DiSNI, or start an unchanged program by {@link Launch}. Then its endpoint
 * groups, ids, queue pairs and stateful verb calls work as they are.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public final class JnrRdmaProvider extends RdmaProvider {
    /**
     * System property: how long connect and accept of an endpoint wait for the peer, in milliseconds, 1 and up. Default 30000.
     */
    public static final String CONNECT_MILLIS = "finemem.disni.connectMillis";

    private static final long DEFAULT_CONNECT_MILLIS = 30_000;
    /** The version of libdisni that DiSNI 2.1 asks for. */
    private static final int DISNI_ABI = 32;

    private @Nullable JnrRdmaCm cm;
    private @Nullable JnrRdmaVerbs verbs;

    private JnrRdmaProvider() {}

    /**
     * Makes this the provider of DiSNI. Needs no RDMA device and no library yet. May be repeated.
     *
     * @return the provider, the same each time
     * @throws InvalidConfiguration if DiSNI has loaded what needs libdisni.so, or another provider is in use
     */
    public static JnrRdmaProvider install() {
        synchronized (RdmaProvider.class) {
            connectMillis();
            Field field = providerField();
            RdmaProvider present = provider(field);
            if (present instanceof JnrRdmaProvider) {
                return (JnrRdmaProvider) present;
            }
            if (present != null) {
                throw new InvalidConfiguration(
                        "DiSNI already has another provider; call JnrRdmaProvider.install() before any use of DiSNI",
                        "provider",
                        present.getClass().getName());
            }
            DisniClasses.replace();
            return install(field);
        }
    }

    private static JnrRdmaProvider install(Field field) {
        try {
            JnrRdmaProvider provider = new JnrRdmaProvider();
            field.set(null, provider);
            return provider;
        } catch (IllegalAccessException e) {
            throw sealed(e);
        }
    }

    private static Field providerField() {
        try {
            Field field = RdmaProvider.class.getDeclaredField("provider");
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException | RuntimeException e) {
            throw sealed(e);
        }
    }

    private static @Nullable RdmaProvider provider(Field field) {
        try {
            return (RdmaProvider) field.get(null);
        } catch (IllegalAccessException e) {
            throw sealed(e);
        }
    }

    private static InvalidConfiguration sealed(Exception cause) {
        return new InvalidConfiguration(
                cause, "this is not DiSNI 2.1, or it is not on the class path; put com.ibm.disni:disni:2.1 there");
    }

    /** The value of {@link #CONNECT_MILLIS}. */
    static long connectMillis() {
        String value = System.getProperty(CONNECT_MILLIS);
        if (value == null) {
            return DEFAULT_CONNECT_MILLIS;
        }
        try {
            long millis = Long.parseLong(value.strip());
            if (millis > 0) {
                return millis;
            }
        } catch (NumberFormatException e) {
            throw badConnectMillis(e, value);
        }
        throw badConnectMillis(null, value);
    }

    private static InvalidConfiguration badConnectMillis(@Nullable Throwable cause, String value) {
        return new InvalidConfiguration(
                cause, "a system property must be a number of milliseconds, 1 and up", CONNECT_MILLIS, value);
    }

    /** {@inheritDoc} {@link JnrRdmaCm} adds reject. */
    @Override
    public synchronized JnrRdmaCm openCm() throws IOException {
        if (cm == null) {
            try {
                cm = new JnrRdmaCm(new CmCalls(NativeLibraries.rdmacm()), new JnrContexts());
            } catch (TransportUnavailable e) {
                throw new IOException(e.getMessage(), e);
            }
        }
        return cm;
    }

    @Override
    public synchronized JnrRdmaVerbs openVerbs() throws IOException {
        if (verbs == null) {
            try {
                verbs = new JnrRdmaVerbs(NativeLibraries.ibverbs());
            } catch (TransportUnavailable e) {
                throw new IOException(e.getMessage(), e);
            }
        }
        return verbs;
    }

    /** What DiSNI lacks. */
    public VerbsExtensions extensions() throws IOException {
        return openVerbs();
    }

    /** 32, that of the libdisni that DiSNI 2.1 goes with. */
    @Override
    public int getVersion() {
        return DISNI_ABI;
    }
}
