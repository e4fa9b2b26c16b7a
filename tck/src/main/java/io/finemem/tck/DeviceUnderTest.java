package io.finemem.tck;

import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The RDMA device that a build's tests run on: the soft-RoCE device of this machine, unless system properties name a transport
 * ({@value #TRANSPORT_PROPERTY}), a device ({@value #DEVICE_PROPERTY}) and one of its GIDs ({@value #GID_INDEX_PROPERTY}).
 *
 * @param transport name of the transport
 * @param settings of the transport, without its prefix
 */
public record DeviceUnderTest(String transport, Map<String, String> settings) {
    /** {@code rxe} or {@code verbs}. */
    public static final String TRANSPORT_PROPERTY = "finemem.test.transport";

    /** Name of a device, as in {@code /sys/class/infiniband}. */
    public static final String DEVICE_PROPERTY = "finemem.test.device";

    /** Number of a GID of that device. */
    public static final String GID_INDEX_PROPERTY = "finemem.test.gid-index";

    private static final String REQUIRE_VARIABLE = "FINEMEM_REQUIRE_RXE";

    /** Takes a copy of the map. */
    public DeviceUnderTest {
        settings = Map.copyOf(settings);
    }

    /** The one of this JVM. */
    public static DeviceUnderTest ofThisRun() {
        Map<String, String> settings = new TreeMap<>();
        put(settings, "device", System.getProperty(DEVICE_PROPERTY));
        put(settings, "gid-index", System.getProperty(GID_INDEX_PROPERTY));
        return new DeviceUnderTest(System.getProperty(TRANSPORT_PROPERTY, "rxe"), settings);
    }

    private static void put(Map<String, String> settings, String key, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            settings.put(key, value);
        }
    }

    /** Whether its absence is a failure: it was named, or {@code FINEMEM_REQUIRE_RXE} is 1. */
    public static boolean required() {
        return !ofThisRun().settings().isEmpty() || "1".equals(System.getenv(REQUIRE_VARIABLE));
    }

    /** The settings as the provider gets them. */
    public TransportSettings transportSettings() {
        return TransportSettings.of("finemem.transport." + transport, settings);
    }

    /** The one of these providers that has the name of the transport. */
    public TransportProvider provider(TransportProvider... providers) {
        for (TransportProvider provider : providers) {
            if (provider.name().equals(transport)) {
                return provider;
            }
        }
        throw new IllegalArgumentException(
                TRANSPORT_PROPERTY + " = " + transport + " is none of those that are tested");
    }
}
