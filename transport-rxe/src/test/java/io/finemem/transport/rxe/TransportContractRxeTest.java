package io.finemem.transport.rxe;

import io.finemem.spi.transport.TransportProvider;
import io.finemem.tck.DeviceUnderTest;
import io.finemem.tck.TransportTck;
import io.finemem.transport.verbs.VerbsProvider;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;

/**
 * All contract tests on soft-RoCE, or on the {@link DeviceUnderTest} that was named. Skipped where there is no rxe device, unless
 * FINEMEM_REQUIRE_RXE=1 makes that a failure.
 */
@Tag("rxe")
class TransportContractRxeTest extends TransportTck {
    private static final DeviceUnderTest DEVICE = DeviceUnderTest.ofThisRun();

    @Override
    public Map<String, String> settings() {
        return DEVICE.settings();
    }

    @Override
    public TransportProvider provider() {
        return DEVICE.provider(new RxeProvider(), new VerbsProvider());
    }

    @Override
    public Map<String, String> malformedSettings() {
        Map<String, String> malformed = new TreeMap<>(Map.ofEntries(
                Map.entry("device", "mlx5_99"),
                Map.entry("port", "77"),
                Map.entry("gid-index", "200"),
                Map.entry("mtu", "1500"),
                Map.entry("timeout", "32"),
                Map.entry("retry-count", "7"),
                Map.entry("queue-depth", "100"),
                Map.entry("reads-in-flight", "0"),
                Map.entry("traffic-class", "256"),
                Map.entry("hugepages", "yes"),
                Map.entry("create", "1"),
                Map.entry("netdev", "not an interface"),
                Map.entry("address", "10.9.0.1")));
        malformed.keySet().retainAll(provider().settingKeys());
        return malformed;
    }

    @Override
    public boolean revokesLate() {
        return provider() instanceof RxeProvider;
    }

    @Override
    public boolean required() {
        return DeviceUnderTest.required();
    }
}
