package io.finemem.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.finemem.allocator.AsyncOptions;
import io.finemem.allocator.control.BlockKeys;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.data.DataOptions;
import io.finemem.allocator.data.LeakLevel;
import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.control.ControlLimits;
import io.finemem.runtime.control.ControlTimeouts;
import io.finemem.runtime.numa.NumaNodes;
import io.finemem.runtime.numa.NumaPlacement;
import io.finemem.runtime.numa.NumaWish;
import io.finemem.spi.placement.RoundRobinPlacement;
import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
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
                .isEqualTo(new PoolConfig(
                        "mn0",
                        64L << 20,
                        Collections.emptySortedSet(),
                        Isolation.STRICT,
                        BlockKeys.WINDOWS,
                        false,
                        11,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(5),
                        NumaWish.AUTO));
        assertThat(node.listen().getHostString()).isEqualTo("127.0.0.1");
        assertThat(node.listen().getPort()).isEqualTo(7471);
        assertThat(node.credentials()).isEqualTo(new Credentials(Path.of("/s"), Optional.empty()));
        assertThat(node.limits()).isEqualTo(new ControlLimits(128, 32, Duration.ofSeconds(5), Duration.ofSeconds(10)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"4711", "-1", "first", "0-1"})
    void aNumaNodeThatThisMachineHasNotIsRefusedWithThoseThatThereAre(String node) {
        assertThatThrownBy(() -> config(SECRET + "finemem.memory-node.numa-node = " + node)
                        .memoryNode())
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("finemem.memory-node.numa-node = " + node + " is not valid: it must be "
                        + NumaPlacement.allowed(NumaNodes.ofThisMachine()) + " (app.conf: 2)");
    }

    @Test
    void directIsolationIsAChoice() {
        MemoryNodeConfig node =
                config(SECRET + "\nfinemem.memory-node.isolation = direct").memoryNode();

        assertThat(node.pool().isolation()).isEqualTo(Isolation.DIRECT);
    }

    @Test
    void zeroingIsAChoiceWithStrictIsolationOnly() {
        String zero = SECRET + "\nfinemem.memory-node.zero-on-free = true";

        assertThat(config(zero).memoryNode().pool().zeroOnFree()).isTrue();
        assertThatThrownBy(() -> config(zero + "\nfinemem.memory-node.isolation = direct")
                        .memoryNode())
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("zero-on-free")
                .hasMessageContaining("isolation strict");
    }

    @Test
    void theDefaultsOfAClientNeedMemoryNodesAndASecret() {
        ClientConfig client = config(SECRET + NODES).client();

        assertThat(client.memoryNodes()).containsExactly(new MemoryNodeAddress("mn0", "127.0.0.1", 7471));
        assertThat(client.allocation())
                .isEqualTo(new AllocationConfig(
                        4,
                        Duration.ofSeconds(10),
                        ContentionThresholds.DEFAULT,
                        0,
                        AsyncOptions.DEFAULT,
                        DataOptions.defaults(),
                        RoundRobinPlacement.POLICY));
        assertThat(client.timeouts())
                .isEqualTo(new ControlTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(2)));
        assertThat(client.name())
                .contains("@")
                .endsWith(":" + ProcessHandle.current().pid());
    }

    @Test
    void leakDetectionAndBufferMemoryAreChoicesOfEveryClient() {
        String text = "\nfinemem.leak-detection = paranoid\nfinemem.client.buffer-memory = 1MiB";

        assertThat(config(SECRET + NODES + text).client().allocation().data())
                .isEqualTo(new DataOptions(LeakLevel.PARANOID, 1 << 20));
        assertThat(config(text).embedded().allocation().data()).isEqualTo(new DataOptions(LeakLevel.PARANOID, 1 << 20));
        assertThatThrownBy(() -> config("finemem.leak-detection = some\nfinemem.client.buffer-memory = 1KiB")
                        .embedded())
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("finemem.leak-detection")
                .hasMessageContaining("paranoid")
                .hasMessageContaining("finemem.client.buffer-memory")
                .hasMessageContaining("256KiB");
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
    @CsvFileSource(resources = "/mistakes-of-a-memory-node.txt", delimiter = '|', quoteCharacter = '\'')
    void aMistakeOfAMemoryNodeIsNamedWithItsRemedy(String written, String message) {
        String text = written.startsWith("secret-file") ? "finemem." + written : "finemem." + written + "\n" + SECRET;
        assertThatThrownBy(() -> config(text).memoryNode())
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/mistakes-of-a-client.txt", delimiter = '|', quoteCharacter = '\'')
    void aMistakeOfAClientIsNamedWithItsRemedy(String written, String message) {
        String nodes = written.startsWith("memory-nodes") ? "" : NODES;
        assertThatThrownBy(() -> config("finemem.client." + written + "\n" + SECRET + nodes)
                        .client())
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource({
        "64MiB,strict,auto,11",
        "64MiB,strict,64,64",
        "64MiB,direct,auto,30",
        "2MiB,strict,auto,4",
        "1GiB,strict,auto,64",
        "2MiB,direct,65536,65536"
    })
    void ownersAreAsManyAsThePoolHasRoomForUnlessTheirNumberIsGiven(
            String pool, String isolation, String written, int owners) {
        MemoryNodeConfig node = config(SECRET + "\nfinemem.memory-node { pool = " + pool + ", isolation = " + isolation
                        + ", max-owners = " + written + " }")
                .memoryNode();

        assertThat(node.pool().maxOwners()).isEqualTo(owners);
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
        assertThat(config("").log().level()).isEqualTo(LogConfig.Level.INFO);
        assertThatThrownBy(() -> config("finemem.log-level = loud").directory())
                .hasMessage("finemem.log-level = loud is not valid: it must be error or warn or info or debug or trace"
                        + " (app.conf: 1)");
        assertThat(config("finemem.log-level = loud").log().level())
                .as("until the role tells")
                .isEqualTo(LogConfig.Level.INFO);
    }
}
