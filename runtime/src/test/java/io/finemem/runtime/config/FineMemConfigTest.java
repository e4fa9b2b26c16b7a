package io.finemem.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.control.ControlLimits;
import io.finemem.runtime.control.ControlTimeouts;
import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FineMemConfigTest {
    private static final long MACHINE_BYTES = 8L << 30;
    private static final String SECRET = "finemem.secret-file = /s\n";
    private static final String NODES =
            "finemem.client.memory-nodes = [ { name = mn0, address = \"127.0.0.1:7471\" } ]\n";

    private static FineMemConfig config(String text) {
        Config parsed =
                ConfigFactory.parseString(text, ConfigParseOptions.defaults().setOriginDescription("app.conf"));
        return new FineMemConfig(
                parsed, List.of(new NamedTransport("other"), new NamedTransport("mine")), MACHINE_BYTES);
    }

    /** A transport that has settings and nothing else. */
    private record NamedTransport(String name) implements TransportProvider {
        @Override
        public int priority() {
            return 1;
        }

        @Override
        public int spiVersion() {
            return SPI_VERSION;
        }

        @Override
        public String summary() {
            return name;
        }

        @Override
        public Set<String> settingKeys() {
            return Set.of("path", "device");
        }

        @Override
        public Availability availability(TransportSettings settings) {
            return Availability.available(name);
        }

        @Override
        public Transport open(TransportSettings settings) {
            throw new UnsupportedOperationException("never opened");
        }
    }

    @Test
    void theDefaultsOfAMemoryNodeNeedNothingButASecret() {
        MemoryNodeConfig node = config(SECRET).memoryNode();

        assertThat(node.transport().name()).isEqualTo("auto");
        assertThat(node.pool())
                .isEqualTo(new PoolConfig("mn0", 64L << 20, Isolation.DIRECT, 64, Duration.ofSeconds(5)));
        assertThat(node.listen().getHostString()).isEqualTo("127.0.0.1");
        assertThat(node.listen().getPort()).isEqualTo(7471);
        assertThat(node.secretFile()).isEqualTo(Path.of("/s"));
        assertThat(node.limits()).isEqualTo(new ControlLimits(128, 32, Duration.ofSeconds(5), Duration.ofSeconds(10)));
    }

    @Test
    void theDefaultsOfAClientNeedMemoryNodesAndASecret() {
        ClientConfig client = config(SECRET + NODES).client();

        assertThat(client.memoryNodes()).containsExactly(new MemoryNodeAddress("mn0", "127.0.0.1", 7471));
        assertThat(client.allocation()).isEqualTo(new AllocationConfig(4, Duration.ofSeconds(10)));
        assertThat(client.timeouts())
                .isEqualTo(new ControlTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(2)));
        assertThat(client.name())
                .contains("@")
                .endsWith(":" + ProcessHandle.current().pid());
    }

    @Test
    void embeddedUseNeedsNothingAndTakesSharedMemoryUnlessToldOtherwise() {
        assertThat(config("").embedded().transport().name()).isEqualTo("shm");
        assertThat(config("finemem.transport.name = mine")
                        .embedded()
                        .transport()
                        .name())
                .isEqualTo("mine");
    }

    @Test
    void settingsOfATransportReachItAsText() {
        TransportChoice transport = config("finemem.transport { name = mine, mine { path = /x, device = 7 } }")
                .transport();

        assertThat(transport.name()).isEqualTo("mine");
        assertThat(transport.settingsOf("mine").text("path", "")).isEqualTo("/x");
        assertThat(transport.settingsOf("mine").number("device", 0, 0, 9)).isEqualTo(7);
        assertThat(transport.settingsOf("other").text("path", "none")).isEqualTo("none");
    }

    @ParameterizedTest
    @CsvSource({
        "2MiB,2097152",
        "64MiB,67108864",
        "1GiB,1073741824",
        "1g,1073741824",
        "4194304,4194304",
        "8GiB,8589934592"
    })
    void poolSizesHaveUnits(String text, long bytes) {
        assertThat(config(SECRET + "finemem.memory-node.pool = " + text)
                        .memoryNode()
                        .pool()
                        .bytes())
                .isEqualTo(bytes);
    }

    /** One mistake per line: what is written, and the whole message. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    memory-node.pool = 0                    | finemem.memory-node.pool = 0 is not valid: it must be a multiple of 2MiB, from 2MiB to the memory of this machine, 8192MiB (app.conf: 1)
                    memory-node.pool = -2MiB                | finemem.memory-node.pool = -2MiB is not valid: it must be a multiple of 2MiB, from 2MiB to the memory of this machine, 8192MiB (app.conf: 1)
                    memory-node.pool = 3MiB                 | finemem.memory-node.pool = 3MiB is not valid: it must be a multiple of 2MiB, from 2MiB to the memory of this machine, 8192MiB (app.conf: 1)
                    memory-node.pool = 64MB                 | finemem.memory-node.pool = 64MB is not valid: it must be a multiple of 2MiB, from 2MiB to the memory of this machine, 8192MiB (app.conf: 1)
                    memory-node.pool = 10GiB                | finemem.memory-node.pool = 10GiB is not valid: it must be a multiple of 2MiB, from 2MiB to the memory of this machine, 8192MiB (app.conf: 1)
                    memory-node.pool = 9999999999999T       | finemem.memory-node.pool = 9999999999999T is not valid: it must be a multiple of 2MiB, from 2MiB to the memory of this machine, 8192MiB (app.conf: 1)
                    memory-node.pool = lots                 | finemem.memory-node.pool = lots is not valid: it must be a multiple of 2MiB, from 2MiB to the memory of this machine, 8192MiB (app.conf: 1)
                    memory-node.pool = []                   | finemem.memory-node.pool = [] is not valid: it must be a multiple of 2MiB, from 2MiB to the memory of this machine, 8192MiB (app.conf: 1)
                    memory-node.pool = null                 | finemem.memory-node.pool is not set: it must be a multiple of 2MiB, from 2MiB to the memory of this machine, 8192MiB
                    memory-node.name = ""                   | finemem.memory-node.name = "" is not valid: it must be 1 to 64 letters, digits and . _ : @ - that begin with a letter or a digit (app.conf: 1)
                    memory-node.isolation = strict          | finemem.memory-node.isolation = strict is not valid: it must be direct (app.conf: 1)
                    memory-node.max-owners = 0              | finemem.memory-node.max-owners = 0 is not valid: it must be a whole number from 1 to 65536 (app.conf: 1)
                    memory-node.max-owners = 1.5            | finemem.memory-node.max-owners = 1.5 is not valid: it must be a whole number from 1 to 65536 (app.conf: 1)
                    memory-node.listen.port = 65536         | finemem.memory-node.listen.port = 65536 is not valid: it must be a whole number from 0 to 65535 (app.conf: 1)
                    memory-node.listen.port = -1            | finemem.memory-node.listen.port = -1 is not valid: it must be a whole number from 0 to 65535 (app.conf: 1)
                    memory-node.listen.port = http          | finemem.memory-node.listen.port = http is not valid: it must be a whole number from 0 to 65535 (app.conf: 1)
                    memory-node.listen.host = ""            | finemem.memory-node.listen.host = "" is not valid: it must be an address of this machine (app.conf: 1)
                    memory-node.control.peer-timeout = 0s   | finemem.memory-node.control.peer-timeout = 0s is not valid: it must be a duration from 10ms to 86400s, such as 500ms or 5s (app.conf: 1)
                    memory-node.control.peer-timeout = 2d   | finemem.memory-node.control.peer-timeout = 2d is not valid: it must be a duration from 10ms to 86400s, such as 500ms or 5s (app.conf: 1)
                    memory-node.control.peer-timeout = soon | finemem.memory-node.control.peer-timeout = soon is not valid: it must be a duration from 10ms to 86400s, such as 500ms or 5s (app.conf: 1)
                    memory-node.control.max-sessions = 0    | finemem.memory-node.control.max-sessions = 0 is not valid: it must be a whole number from 1 to 4096 (app.conf: 1)
                    memory-node.pol = 2MiB                  | unknown key finemem.memory-node.pol: did you mean finemem.memory-node.pool? (app.conf: 1)
                    memory-nodes.pool = 2MiB                | unknown key finemem.memory-nodes: did you mean finemem.memory-node? (app.conf: 1)
                    memory-node.colour = red                | unknown key finemem.memory-node.colour: known here: control, fence-timeout, isolation, listen, max-owners, name, pool (app.conf: 1)
                    memory-node.control = 5                 | finemem.memory-node.control = 5 is not valid: it must be a section with the keys handshake-timeout, max-handshakes, max-sessions, peer-timeout (app.conf: 1)
                    transport = shm                         | finemem.transport = shm is not valid: it must be a section; write finemem.transport.name = shm (app.conf: 1)
                    transport.mine.devise = x               | unknown key finemem.transport.mine.devise: did you mean finemem.transport.mine.device? (app.conf: 1)
                    transport.mine = x                      | finemem.transport.mine = x is not valid: it must be a section with the keys device, path (app.conf: 1)
                    transport.shn.path = x                  | unknown key finemem.transport.shn: did you mean finemem.transport.shm? (app.conf: 1)
                    secret-file = ""                        | finemem.secret-file is not set: it must be a file made by: finemem new-secret FILE
                    """)
    void aMistakeOfAMemoryNodeIsNamedWithItsRemedy(String written, String message) {
        String text = written.startsWith("secret-file") ? "finemem." + written : "finemem." + written + "\n" + SECRET;
        assertThatThrownBy(() -> config(text).memoryNode())
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    memory-nodes = []                                               | finemem.client.memory-nodes = [] is not valid: it must be a list of memory nodes, such as [ { name = mn0, address = "10.0.0.1:7471" } ], 1 to 256 of them (app.conf: 1)
                    memory-nodes = mn0                                              | finemem.client.memory-nodes = mn0 is not valid: it must be a list of memory nodes, such as [ { name = mn0, address = "10.0.0.1:7471" } ] (app.conf: 1)
                    memory-nodes = [ "a:1" ]                                        | finemem.client.memory-nodes[0] = a:1 is not valid: it must be a memory node such as { name = mn0, address = "10.0.0.1:7471" } (app.conf: 1)
                    memory-nodes = [ { name = a, adress = "b:1" } ]                 | unknown key finemem.client.memory-nodes[0].adress: did you mean finemem.client.memory-nodes[0].address? (app.conf: 1)
                    memory-nodes = [ { name = a, address = b } ]                    | finemem.client.memory-nodes[0].address = b is not valid: it must be host:port with a port from 1 to 65535, such as 10.0.0.1:7471 or [fe80::1]:7471 (app.conf: 1)
                    memory-nodes = [ { name = a, address = "b:0" } ]                | finemem.client.memory-nodes[0].address = b:0 is not valid: it must be host:port with a port from 1 to 65535, such as 10.0.0.1:7471 or [fe80::1]:7471 (app.conf: 1)
                    memory-nodes = [ { name = a, address = "b:65536" } ]            | finemem.client.memory-nodes[0].address = b:65536 is not valid: it must be host:port with a port from 1 to 65535, such as 10.0.0.1:7471 or [fe80::1]:7471 (app.conf: 1)
                    memory-nodes = [ { name = -, address = "b:1" } ]                | finemem.client.memory-nodes[0].name = - is not valid: it must be 1 to 64 letters, digits and . _ : @ - that begin with a letter or a digit (app.conf: 1)
                    memory-nodes = [{name=a,address="b:1"},{name=a,address="c:1"}]  | finemem.client.memory-nodes[1].name = a is not valid: it must be different from the names of the other memory nodes (app.conf: 1)
                    workers = 0                                                     | finemem.client.workers = 0 is not valid: it must be a whole number from 1 to 256 (app.conf: 1)
                    operation-timeout = -1s                                         | finemem.client.operation-timeout = -1s is not valid: it must be a duration from 10ms to 86400s, such as 500ms or 5s (app.conf: 1)
                    name = "a b"                                                    | finemem.client.name = a b is not valid: it must be empty, or 1 to 64 letters, digits and . _ : @ - that begin with a letter or a digit (app.conf: 1)
                    """)
    void aMistakeOfAClientIsNamedWithItsRemedy(String written, String message) {
        String nodes = written.startsWith("memory-nodes") ? "" : NODES;
        assertThatThrownBy(() -> config("finemem.client." + written + "\n" + SECRET + nodes)
                        .client())
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void allMistakesAreReportedAtOnceInOneLineEach() {
        String text =
                "finemem.memory-node { pool = 0, name = \"\", max-owners = x, listen.port = 99999, colour = red }";
        assertThatThrownBy(() -> config(text).memoryNode())
                .isInstanceOf(InvalidConfiguration.class)
                .satisfies(e -> assertThat(String.valueOf(e.getMessage()).lines())
                        .hasSize(6)
                        .anyMatch(line -> line.contains("finemem.memory-node.pool = 0"))
                        .anyMatch(line -> line.contains("finemem.memory-node.name = \"\""))
                        .anyMatch(line -> line.contains("finemem.memory-node.max-owners = x"))
                        .anyMatch(line -> line.contains("finemem.memory-node.listen.port = 99999"))
                        .anyMatch(line -> line.contains("finemem.memory-node.colour"))
                        .anyMatch(line -> line.contains("finemem.secret-file is not set")));
    }

    @Test
    void theWholeRootAsAScalarIsOneMistake() {
        assertThatThrownBy(() -> config("finemem = 3").embedded())
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("finemem = 3 is not valid: it must be a section (app.conf: 1)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"b:1", "10.0.0.1:7471", "host.example:65535"})
    void addressesNameHostAndPort(String address) {
        assertThat(MemoryNodeAddress.parse("n", address))
                .hasValueSatisfying(parsed -> assertThat(parsed).hasToString("n@" + address));
    }

    @Test
    void addressesOfVersionSixStandInBrackets() {
        assertThat(MemoryNodeAddress.parse("n", "[fe80::1]:7")).contains(new MemoryNodeAddress("n", "fe80::1", 7));
        assertThat(MemoryNodeAddress.parse("n", "fe80::1:7")).isEmpty();
    }

    @Test
    void logLevelIsChecked() {
        assertThat(config("").logLevel()).isEqualTo(FineMemConfig.LogLevel.INFO);
        assertThatThrownBy(() -> config("finemem.log-level = loud").logLevel())
                .hasMessage("finemem.log-level = loud is not valid: it must be error or warn or info or debug or trace"
                        + " (app.conf: 1)");
    }
}
