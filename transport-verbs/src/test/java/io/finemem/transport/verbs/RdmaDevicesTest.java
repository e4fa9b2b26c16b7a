package io.finemem.transport.verbs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RdmaDevicesTest {
    @TempDir
    Path root;

    @Test
    void machineWithoutTheClassHasNoDevices() {
        assertThat(RdmaDevices.under(root.resolve("nothing"))).isEmpty();
    }

    @Test
    void kindIsTakenFromBusAndParent() throws IOException {
        new FakeSysfs(root)
                .adapter("mlx5_0")
                .port("mlx5_0", 1, "4: ACTIVE", "InfiniBand")
                .rxe("rxe0", "eth0")
                .port("siw0", 1, "4: ACTIVE", "Ethernet");
        assertThat(RdmaDevices.under(root))
                .extracting(RdmaDevice::name, RdmaDevice::kind, RdmaDevice::parent)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("mlx5_0", RdmaDevice.Kind.HARDWARE, ""),
                        org.assertj.core.groups.Tuple.tuple("rxe0", RdmaDevice.Kind.RXE, "eth0"),
                        org.assertj.core.groups.Tuple.tuple("siw0", RdmaDevice.Kind.OTHER_SOFTWARE, ""));
    }

    @Test
    void portsAndGidsComeInOrderWithoutUnusedEntries() throws IOException {
        FakeSysfs sysfs = new FakeSysfs(root).adapter("a");
        sysfs.port("a", 10, "1: DOWN", "Ethernet").port("a", 2, "4: ACTIVE", "Ethernet");
        sysfs.gid("a", 2, 0, FakeSysfs.LINK_LOCAL, FakeSysfs.V2).gid("a", 2, 1, FakeSysfs.EMPTY, "");
        sysfs.gid("a", 2, 12, FakeSysfs.IPV4, FakeSysfs.V2);
        RdmaDevice device = RdmaDevices.under(root).get(0);
        assertThat(device.ports()).extracting(RdmaPort::number).containsExactly(2, 10);
        assertThat(device.ports()).extracting(RdmaPort::isActive).containsExactly(true, false);
        assertThat(device.ports().get(0).gids()).extracting(Gid::index).containsExactly(0, 12);
        assertThat(device.ports().get(0).gids().get(1)).hasToString("12 (::ffff:10.9.0.1, RoCE v2, eth0)");
        assertThat(device.ports().get(1).gids()).isEmpty();
    }

    @Test
    void gidIsWrittenInNetworkOrder() {
        Gid gid = Gid.parse(3, FakeSysfs.IPV6, FakeSysfs.V2, "");
        assertThat(gid.bytes()).startsWith(0x20, 0x01, 0x0d, 0xb8).endsWith(0, 0, 0, 1);
        assertThat(gid).hasToString("3 (2001:db8:0:0:0:0:0:1, RoCE v2)");
    }
}
