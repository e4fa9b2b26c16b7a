package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.allocator.control.AuditReport;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import io.finemem.runtime.MemoryNodeDaemon;
import io.finemem.runtime.ServedPool;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.runtime.numa.NumaNodes;
import io.finemem.spi.transport.Transports;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A daemon with a pool at each of two devices; the second one is made for the test. */
@Tag("rxe")
@Tag("soft-roce")
@Timeout(120)
class SeveralDevicesRxeTest {
    private static final Path DEVICES = Path.of("/sys/class/infiniband");
    private static final String MADE = "rxe_second";
    private static final String INTERFACE = "second0";

    private static String first = "";

    @TempDir
    private Path directory = Path.of(".");

    private Path secret = Path.of(".");

    @BeforeAll
    static void secondDevice() throws IOException, InterruptedException {
        RxeTransport.open().close();
        first = devices().get(0);
        run("ip", "link", "add", INTERFACE, "type", "dummy");
        run("ip", "address", "add", "10.9.77.1/24", "dev", INTERFACE);
        run("ip", "link", "set", INTERFACE, "up");
        run("rdma", "link", "add", MADE, "type", "rxe", "netdev", INTERFACE);
    }

    @AfterAll
    static void removeSecondDevice() throws IOException, InterruptedException {
        if (Files.exists(DEVICES.resolve(MADE))) {
            run("rdma", "link", "delete", MADE);
            run("ip", "link", "delete", INTERFACE);
        }
    }

    private static List<String> devices() throws IOException {
        try (Stream<Path> entries = Files.list(DEVICES)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(name -> name.startsWith("rxe"))
                    .sorted()
                    .toList();
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", List.of(command), output).isZero();
    }

    @BeforeEach
    void secret() {
        secret = directory.resolve("secret");
        PresharedSecret.create(secret);
    }

    private Config config(String text) {
        return ConfigFactory.parseString(
                "finemem { secret-file = \"" + secret + "\", transport.name = rxe\n" + text + " }");
    }

    private MemoryNodeDaemon start(String device, String other) {
        Transports transports = Transports.discover();
        FineMemConfig config = FineMemConfig.of(
                config("memory-node { pool = 2MiB, listen.port = 0, pools = [ { name = mn0, device = " + device
                        + " }, { name = mn1, device = " + other + ", isolation = direct } ] }"),
                transports.providers());
        return MemoryNodeDaemon.open(config.memoryNodes(), config.http(), transports);
    }

    private static String node(ServedPool pool) {
        return "{ name = " + pool.name() + ", address = \"127.0.0.1:"
                + pool.address().getPort() + "\" }";
    }

    private FineMem connect(String device, String nodes) {
        return FineMem.connect(
                config("transport.rxe.device = " + device + ", client.memory-nodes = [ " + nodes + " ]"));
    }

    private static void writesAndReads(FineMem memory) {
        ByteBuffer pattern = ByteBuffer.wrap("remember me".getBytes(StandardCharsets.UTF_8));
        ByteBuffer read = ByteBuffer.allocate(pattern.capacity());
        try (RemoteBlock block = memory.allocate(8192)) {
            block.write(100, pattern);
            block.read(100, read);
        }
        assertThat(read.flip()).isEqualTo(pattern.flip());
    }

    @Test
    void eachPoolIsReachedThroughItsOwnDevice() {
        try (MemoryNodeDaemon daemon = start(first, MADE)) {
            List<ServedPool> pools = daemon.pools();
            assertThat(pools).extracting(pool -> pool.transport().device()).containsExactly(first + "/1", MADE + "/1");
            try (FineMem atFirst = connect(first, node(pools.get(0)));
                    FineMem atSecond = connect(MADE, node(pools.get(1)))) {
                writesAndReads(atFirst);
                writesAndReads(atSecond);
                assertThat(atFirst.audit()).hasSize(1).allMatch(AuditReport::clean);
                assertThat(atSecond.audit()).hasSize(1).allMatch(AuditReport::clean);
            }
        }
    }

    @Test
    void aDeviceThatIsNotThereIsNamedWithItsPool() {
        assertThatThrownBy(() -> start(first, "rxe_none"))
                .isInstanceOf(FineMemException.class)
                .hasMessageStartingWith(
                        "memory node mn1 cannot start: finemem.transport.rxe.device = rxe_none is not valid");
    }

    /** A guest's kernel may know no NUMA nodes: there that is said. */
    @Test
    void aPoolIsBoundToItsNumaNodeOrTheKernelKnowsNone() throws IOException {
        Transports transports = Transports.discover();
        FineMemConfig config = FineMemConfig.of(
                config("memory-node { name = mn0, pool = 2MiB, listen.port = 0, isolation = direct, numa-node = 0 }"),
                transports.providers());
        if (NumaNodes.ofThisMachine().withMemory().isEmpty()) {
            assertThatThrownBy(config::memoryNodes)
                    .isInstanceOf(InvalidConfiguration.class)
                    .hasMessageContaining("finemem.memory-node.numa-node = 0 is not valid")
                    .hasMessageContaining("knows no NUMA nodes");
            return;
        }
        try (MemoryNodeDaemon daemon = MemoryNodeDaemon.open(config.memoryNodes(), config.http(), transports)) {
            assertThat(daemon.audit().clean()).isTrue();
            assertThat(Files.readAllLines(Path.of("/proc/self/numa_maps")).stream()
                            .filter(line -> line.contains(" bind:0 ") && line.contains(" N0=")))
                    .as("metadata and heap")
                    .hasSizeGreaterThanOrEqualTo(2);
        }
    }
}
