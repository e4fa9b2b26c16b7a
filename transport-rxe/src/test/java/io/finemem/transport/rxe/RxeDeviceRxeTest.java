package io.finemem.transport.rxe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.verbs.RdmaDevice;
import io.finemem.transport.verbs.RdmaDevices;
import io.finemem.transport.verbs.VerbsProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** Devices of a guest, not for another device under test: made and removed, chosen by name and GID, used with too little locked memory. */
@Tag("rxe")
@Tag("soft-roce")
class RxeDeviceRxeTest {
    private static final Set<Access> ALL = Set.of(Access.REMOTE_READ, Access.REMOTE_WRITE, Access.REMOTE_ATOMIC);
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(30);

    private String device = "";

    @BeforeEach
    void findDevice() {
        device = RdmaDevices.ofThisMachine().stream()
                .filter(candidate -> candidate.kind() == RdmaDevice.Kind.RXE)
                .map(RdmaDevice::name)
                .findFirst()
                .orElseThrow(RxeDeviceRxeTest::missing);
    }

    private static RuntimeException missing() {
        String reason = "there is no rxe device here; run in a guest: ./finemem guest -- COMMAND";
        return "1".equals(System.getenv("FINEMEM_REQUIRE_RXE"))
                ? new IllegalStateException(reason)
                : new TestAbortedException(reason);
    }

    @Test
    void madeDeviceCarriesOperationsAndIsRemoved() {
        String name;
        try (RxeDevice made = RxeDevice.create(RxeDevice.DUMMY, "10.77.0.1/24")) {
            name = made.name();
            try (Transport transport = open(Map.of("device", name))) {
                assertThat(transport.description().device()).isEqualTo(name + "/1");
                assertThat(transport.description().detail()).contains("::ffff:10.77.0.1", "bounds are not enforced");
                assertThat(writeOnce(transport)).isEqualTo(CompletionStatus.SUCCESS);
            }
        }
        assertThat(RdmaDevices.ofThisMachine()).extracting(RdmaDevice::name).doesNotContain(name);
        assertThat(Path.of("/sys/class/net/d" + name)).doesNotExist();
    }

    @Test
    void failedCreationLeavesNothingBehind() {
        List<RdmaDevice> before = RdmaDevices.ofThisMachine();
        assertThatThrownBy(() -> RxeDevice.create(RxeDevice.DUMMY, "999.0.0.1/24"))
                .hasMessageContaining("ip addr add");
        assertThatThrownBy(() -> RxeDevice.create("no_such_if", "10.9.0.1/24"))
                .hasMessageContaining("netdev no_such_if");
        assertThat(RdmaDevices.ofThisMachine()).isEqualTo(before);
        assertThat(Path.of("/sys/class/net/dfinemem0")).doesNotExist();
    }

    @Test
    void everyGidWorksIfItIsNamed() {
        RdmaDevice found = RdmaDevices.ofThisMachine().stream()
                .filter(candidate -> candidate.name().equals(device))
                .findFirst()
                .orElseThrow();
        assertThat(found.ports().get(0).gids()).isNotEmpty().allSatisfy(gid -> {
            try (Transport transport = open(Map.of("gid-index", Integer.toString(gid.index()), "mtu", "1024"))) {
                assertThat(transport.description().detail()).contains("GID " + gid, "MTU 1024");
                assertThat(writeOnce(transport)).isEqualTo(CompletionStatus.SUCCESS);
            }
        });
    }

    @Test
    void wrongGidListsThoseThereAre() {
        assertThatThrownBy(() -> open(Map.of("device", device, "gid-index", "200")))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("gid-index = 200")
                .hasMessageContaining("RoCE v2");
    }

    @Test
    void verbsProviderTakesASoftwareDeviceOnlyByName() {
        VerbsProvider verbs = new VerbsProvider();
        assertThat(verbs.availability(TransportSettings.empty()).available()).isFalse();
        TransportSettings named = TransportSettings.of("finemem.transport.verbs", Map.of("device", device));
        assertThat(verbs.availability(named).available()).isTrue();
        try (Transport transport = verbs.open(named)) {
            assertThat(transport.description().transport()).isEqualTo("verbs");
            assertThat(writeOnce(transport)).isEqualTo(CompletionStatus.SUCCESS);
        }
    }

    @Test
    void vanishedPeerIsNoticedWithinTheConfiguredRetries() {
        try (Transport transport = open(Map.of("timeout", "12", "retry-count", "2"));
                ProtectionDomain domain = transport.newDomain();
                MemoryRegion region = domain.allocate(4096, ALL);
                Connection poster = domain.newConnection(ConnectionOptions.of("server"));
                Connection server = domain.newConnection(ConnectionOptions.of("poster"));
                Chain chain = poster.newChain(1)) {
            poster.connect(server.descriptor());
            server.connect(poster.descriptor());
            server.fence(LIMIT);
            chain.writeWord(region.address(), region.rkey(), 1);
            assertThat(poster.execute(chain, LIMIT)).isEqualTo(CompletionStatus.PEER_UNREACHABLE);
            assertThat(region.getWord(0)).isZero();
        }
    }

    /** User-mode Linux has no huge pages: there the lack is named. */
    @Test
    void hugePagesAreUsedOrTheirLackIsNamed() throws IOException {
        String before = reserveHugePages("8");
        try (Transport transport = open(Map.of("hugepages", "true"));
                ProtectionDomain domain = transport.newDomain()) {
            if (before.isEmpty()) {
                assertThatThrownBy(() -> domain.allocate(3 << 20, ALL))
                        .isInstanceOf(OutOfLocalResources.class)
                        .hasMessageContaining("vm.nr_hugepages");
                return;
            }
            try (MemoryRegion region = domain.allocate(3 << 20, ALL)) {
                assertThat(region.address() % (2 << 20)).isZero();
                assertThat(region.length()).isEqualTo(3 << 20);
                assertThat(region.getWord((3 << 20) - 8)).isZero();
            }
        } finally {
            reserveHugePages(before);
        }
    }

    private static String reserveHugePages(String pages) throws IOException {
        Path setting = Path.of("/proc/sys/vm/nr_hugepages");
        if (!Files.exists(setting)) {
            return "";
        }
        String before = Files.readString(setting).trim();
        Files.writeString(setting, pages);
        return before;
    }

    @Test
    void tooLittleLockedMemoryIsOneClearLine() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "setpriv",
                        "--bounding-set=-ipc_lock",
                        "prlimit",
                        "--memlock=1048576:1048576",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RegisterMuch.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(output)
                .contains("OutOfLocalResources: the limit of locked memory is too low to register memory"
                        + " (ulimit -l is 1024 KiB)")
                .contains("raise it: ulimit -l unlimited");
        assertThat(process.exitValue()).isEqualTo(RegisterMuch.REFUSED);
    }

    private Transport open(Map<String, String> values) {
        return new RxeProvider().open(TransportSettings.of("finemem.transport.rxe", values));
    }

    private static CompletionStatus writeOnce(Transport transport) {
        try (ProtectionDomain domain = transport.newDomain();
                MemoryRegion region = domain.allocate(4096, ALL);
                Connection poster = domain.newConnection(ConnectionOptions.of("server"));
                Connection server = domain.newConnection(ConnectionOptions.of("poster"));
                Chain chain = poster.newChain(1)) {
            poster.connect(server.descriptor());
            server.connect(poster.descriptor());
            chain.writeWord(region.address(), region.rkey(), 1);
            return poster.execute(chain, LIMIT);
        }
    }
}
