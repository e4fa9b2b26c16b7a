package io.finemem.transport.rxe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.spi.transport.TransportUnavailable;
import io.finemem.transport.verbs.RdmaDevices;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the provider says where there is no device. */
class RxeProviderTest {
    private final RxeProvider provider = new RxeProvider();

    @Test
    void machineWithoutRxeIsToldToUseAGuest() {
        Assumptions.assumeTrue(RdmaDevices.ofThisMachine().isEmpty(), "this machine has RDMA devices");
        Availability availability = provider.availability(settings(Map.of()));
        assertThat(availability.available()).isFalse();
        assertThat(availability.detail()).contains("there is no rxe device on this machine");
        assertThat(availability.hint()).contains("./finemem guest -- ");
        assertThatThrownBy(() -> provider.open(settings(Map.of())))
                .isInstanceOf(TransportUnavailable.class)
                .hasMessageContaining("there is no rxe device on this machine; RDMA devices: none");
    }

    @Test
    void wrongDeviceIsNamed() {
        assertThatThrownBy(() -> provider.open(settings(Map.of("device", "mlx5_99"))))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith("finemem.transport.rxe.device = mlx5_99 is not valid");
    }

    @ParameterizedTest
    @CsvSource({"create,1", "netdev,not one", "netdev,-x", "address,10.9.0.1", "address,10.9.0/24", "mtu,1500"})
    void malformedValueIsNamedWithItsKey(String key, String value) {
        TransportSettings malformed = settings(Map.of(key, value));
        assertThatThrownBy(() -> provider.open(malformed))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith("finemem.transport.rxe." + key + " = " + value + " is not valid: it must be ");
        assertThat(provider.availability(malformed).available()).isFalse();
        assertThat(provider.availability(malformed).detail()).contains(key, value);
    }

    @Test
    void unknownKeyIsRefused() {
        assertThatThrownBy(() -> provider.open(settings(Map.of("creat", "true"))))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("finemem.transport.rxe.creat")
                .hasMessageContaining("create, device");
    }

    @Test
    void everySettingKeyIsUnderstood() {
        assertThat(provider.settingKeys()).contains("create", "netdev", "address", "device", "gid-index");
    }

    @Test
    void missingOrFailingProgramIsNamed() {
        assertThat(Command.exists("no-such-program")).isFalse();
        assertThatThrownBy(() -> Command.run("no-such-program"))
                .isInstanceOf(TransportUnavailable.class)
                .hasMessage("program no-such-program is not installed");
        assertThatThrownBy(() -> Command.run("ls", "/no/such/directory"))
                .isInstanceOf(TransportUnavailable.class)
                .hasMessageStartingWith("'ls /no/such/directory' failed with status 2: ");
    }

    private static TransportSettings settings(Map<String, String> values) {
        return TransportSettings.of("finemem.transport.rxe", values);
    }
}
