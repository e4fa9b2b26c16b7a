package io.finemem.transport.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.spi.transport.TransportUnavailable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndpointChoiceTest {
    @TempDir
    Path root;

    private FakeSysfs sysfs;

    @BeforeEach
    void newTree() {
        sysfs = new FakeSysfs(root);
    }

    @Test
    void routableRoceV2GidIsPreferred() throws IOException {
        sysfs.adapter("mlx5_0").port("mlx5_0", 1, "4: ACTIVE", "Ethernet");
        sysfs.gid("mlx5_0", 1, 0, FakeSysfs.LINK_LOCAL, FakeSysfs.V1);
        sysfs.gid("mlx5_0", 1, 1, FakeSysfs.LINK_LOCAL, FakeSysfs.V2);
        sysfs.gid("mlx5_0", 1, 2, FakeSysfs.IPV4, FakeSysfs.V1);
        sysfs.gid("mlx5_0", 1, 3, FakeSysfs.IPV6, FakeSysfs.V2);
        sysfs.gid("mlx5_0", 1, 4, FakeSysfs.IPV4, FakeSysfs.V2);
        sysfs.gid("mlx5_0", 1, 5, FakeSysfs.IPV4, FakeSysfs.V2);
        assertThat(choose(Map.of()).gid().index()).isEqualTo(4);
    }

    @Test
    void globalIpv6IsPreferredToLinkLocal() throws IOException {
        sysfs.adapter("mlx5_0").port("mlx5_0", 1, "4: ACTIVE", "Ethernet");
        sysfs.gid("mlx5_0", 1, 0, FakeSysfs.LINK_LOCAL, FakeSysfs.V2);
        sysfs.gid("mlx5_0", 1, 1, FakeSysfs.IPV6, FakeSysfs.V2);
        assertThat(choose(Map.of()).gid().index()).isEqualTo(1);
    }

    @Test
    void firstGidIsTakenOnInfiniBand() throws IOException {
        sysfs.adapter("mlx5_0").port("mlx5_0", 1, "4: ACTIVE", "InfiniBand");
        sysfs.gid("mlx5_0", 1, 0, FakeSysfs.LINK_LOCAL, FakeSysfs.V1);
        sysfs.gid("mlx5_0", 1, 1, FakeSysfs.IPV4, FakeSysfs.V1);
        assertThat(choose(Map.of()).gid().index()).isZero();
    }

    @Test
    void deviceWithAnActivePortIsPreferred() throws IOException {
        sysfs.adapter("mlx5_0").port("mlx5_0", 1, "1: DOWN", "Ethernet");
        sysfs.adapter("mlx5_1").port("mlx5_1", 1, "1: DOWN", "Ethernet");
        sysfs.port("mlx5_1", 2, "4: ACTIVE", "Ethernet").gid("mlx5_1", 2, 0, FakeSysfs.IPV4, FakeSysfs.V2);
        assertThat(choose(Map.of()).name()).isEqualTo("mlx5_1/2");
    }

    @Test
    void softwareDeviceIsTakenOnlyByName() throws IOException {
        sysfs.rxe("rxe0", "eth0").port("rxe0", 1, "4: ACTIVE", "Ethernet");
        sysfs.gid("rxe0", 1, 0, FakeSysfs.IPV4, FakeSysfs.V2);
        assertThatThrownBy(() -> choose(Map.of()))
                .isInstanceOf(TransportUnavailable.class)
                .hasMessage("there is no RDMA adapter; RDMA devices: rxe0 (soft-RoCE over eth0)");
        assertThat(choose(Map.of("device", "rxe0")).name()).isEqualTo("rxe0/1");
    }

    @Test
    void wrongDeviceListsThoseThereAre() throws IOException {
        sysfs.adapter("mlx5_0").rxe("rxe0", "eth0");
        assertThatThrownBy(() -> choose(Map.of("device", "mlx4_0")))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(
                        "finemem.transport.verbs.device = mlx4_0 is not valid: it must be auto or the name of an RDMA"
                                + " device of this machine; there are: mlx5_0, rxe0 (soft-RoCE over eth0)");
    }

    @Test
    void wrongPortListsThoseThereAre() throws IOException {
        sysfs.adapter("mlx5_0").port("mlx5_0", 1, "4: ACTIVE", "Ethernet");
        sysfs.gid("mlx5_0", 1, 0, FakeSysfs.IPV4, FakeSysfs.V2);
        assertThatThrownBy(() -> choose(Map.of("port", "2")))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("finemem.transport.verbs.port = 2")
                .hasMessageEndingWith("there are: 1 (ACTIVE, Ethernet, 1 GIDs)");
    }

    @Test
    void wrongGidListsThoseThereAre() throws IOException {
        sysfs.adapter("mlx5_0").port("mlx5_0", 1, "4: ACTIVE", "Ethernet");
        sysfs.gid("mlx5_0", 1, 0, FakeSysfs.IPV4, FakeSysfs.V2);
        assertThatThrownBy(() -> choose(Map.of("gid-index", "3")))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("finemem.transport.verbs.gid-index = 3")
                .hasMessageEndingWith("there are: 0 (::ffff:10.9.0.1, RoCE v2, eth0)");
        assertThat(choose(Map.of("gid-index", "0")).gid().index()).isZero();
    }

    @Test
    void portThatIsDownIsNamedWithItsState() throws IOException {
        sysfs.adapter("mlx5_0").port("mlx5_0", 1, "1: DOWN", "Ethernet");
        assertThatThrownBy(() -> choose(Map.of("port", "1")))
                .isInstanceOf(TransportUnavailable.class)
                .hasMessage("port 1 of device mlx5_0 is not active: DOWN");
        assertThatThrownBy(() -> choose(Map.of()))
                .isInstanceOf(TransportUnavailable.class)
                .hasMessageContaining("1 (DOWN, Ethernet, 0 GIDs)");
    }

    @Test
    void machineWithoutDevicesSaysSo() {
        assertThatThrownBy(() -> choose(Map.of()))
                .isInstanceOf(TransportUnavailable.class)
                .hasMessage("there is no RDMA adapter; RDMA devices: none");
    }

    private Endpoint choose(Map<String, String> values) {
        TransportSettings settings = TransportSettings.of("finemem.transport.verbs", values);
        return new EndpointChoice(
                        RdmaDevices.under(root), device -> device.kind() == RdmaDevice.Kind.HARDWARE, "RDMA adapter")
                .choose(VerbsSettings.of(settings, VerbsSettings.KEYS), settings);
    }
}
