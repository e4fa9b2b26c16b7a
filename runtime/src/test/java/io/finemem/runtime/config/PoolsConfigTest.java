package io.finemem.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.numa.NumaWish;
import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/** {@code finemem.memory-node.pools}: several memory nodes in one daemon. */
class PoolsConfigTest {
    private static final long MACHINE_BYTES = 8L << 30;

    private static FineMemConfig config(String text) {
        Config parsed = ConfigFactory.parseString(
                "finemem.secret-file = /s, finemem.transport.name = mine\n" + text,
                ConfigParseOptions.defaults().setOriginDescription("app.conf"));
        List<TransportProvider> transports =
                List.of(new Named("mine", Set.of("device", "mtu")), new Named("flat", Set.of()));
        return new FineMemConfig(parsed, transports, MACHINE_BYTES);
    }

    /** A transport that has settings and nothing else. */
    private record Named(String name, Set<String> settingKeys) implements TransportProvider {
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
        public Availability availability(TransportSettings settings) {
            return Availability.available(name);
        }

        @Override
        public Transport open(TransportSettings settings) {
            throw new UnsupportedOperationException("never opened");
        }
    }

    @Test
    void withoutPoolsThereIsTheOneOfTheSection() {
        FineMemConfig config = config("finemem.memory-node.name = only");
        assertThat(config.memoryNodes()).containsExactly(config.memoryNode());
        assertThat(config.memoryNode().pool().name()).isEqualTo("only");
    }

    @Test
    void aPoolIsAsTheSectionButForWhatItSays() {
        List<MemoryNodeConfig> nodes = config(
                        """
                finemem.transport.mine { mtu = 1024 }
                finemem.memory-node {
                  pool = 4MiB, isolation = direct, numa-node = none, labels = [ fast ], listen.host = 127.0.0.2, lease = 3s
                  pools = [
                    { name = mn0, device = mlx5_0 }
                    { name = mn1, device = mlx5_1, pool = 8MiB, isolation = strict, numa-node = auto, labels = [],
                      listen.port = 7472, control.max-rate = 7 }
                  ]
                }
                """)
                .memoryNodes();

        MemoryNodeConfig first = nodes.get(0);
        assertThat(first.pool().name()).isEqualTo("mn0");
        assertThat(first.pool().bytes()).isEqualTo(4 << 20);
        assertThat(first.pool().isolation()).isEqualTo(Isolation.DIRECT);
        assertThat(first.pool().numaNode()).isEqualTo(NumaWish.NONE);
        assertThat(first.pool().labels()).containsExactly("fast");
        assertThat(first.listen().getPort()).isEqualTo(7471);
        assertThat(first.transport().settingsOf("mine").text("device", "")).isEqualTo("mlx5_0");
        MemoryNodeConfig second = nodes.get(1);
        assertThat(second.pool().name()).isEqualTo("mn1");
        assertThat(second.pool().bytes()).isEqualTo(8 << 20);
        assertThat(second.pool().isolation()).isEqualTo(Isolation.STRICT);
        assertThat(second.pool().numaNode()).isEqualTo(NumaWish.AUTO);
        assertThat(second.pool().labels()).isEmpty();
        assertThat(second.pool().lease()).hasSeconds(3);
        assertThat(second.listen().getPort()).isEqualTo(7472);
        assertThat(second.limits().maxRate()).isEqualTo(7);
        assertThat(second.transport().settingsOf("mine").text("device", "")).isEqualTo("mlx5_1");
        assertThat(nodes).hasSize(2).allSatisfy(node -> {
            assertThat(node.listen().getHostString()).isEqualTo("127.0.0.2");
            assertThat(node.transport().settingsOf("mine").text("mtu", "")).isEqualTo("1024");
        });
    }

    @Test
    void eachHasItsCertificateWithTls() {
        List<MemoryNodeConfig> nodes = config(
                        """
                finemem.control { security = tls, tls.truststore = /trust }
                finemem.memory-node.pools = [
                  { name = mn0, device = a, keystore = /mn0.pem }
                  { name = mn1, device = b, keystore = /mn1.p12, keystore-password-file = /mn1.password, listen.port = 0 }
                ]
                """)
                .memoryNodes();

        assertThat(nodes)
                .extracting(node -> node.credentials().tls().orElseThrow().keystore())
                .containsExactly(Path.of("/mn0.pem"), Path.of("/mn1.p12"));
        assertThat(nodes.get(1).credentials().tls().orElseThrow().keystorePassword())
                .contains(Path.of("/mn1.password"));
    }

    @Test
    void transportsWithoutDevicesNeedNone() {
        String pools =
                "finemem.memory-node.pools = [ { name = a }, { name = b, listen.port = 0 }, { name = c, listen.port = 0 } ]\n";
        assertThat(config(pools + "finemem.transport.name = flat").memoryNodes())
                .hasSize(3);
        assertThat(config(pools + "finemem.transport.name = auto").memoryNodes())
                .hasSize(3);
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/mistakes-of-pools.txt", delimiter = '|')
    void aMistakeOfAPoolIsNamedWithItsRemedy(String text, String message) {
        assertThatThrownBy(() -> config("finemem { memory-node { listen.port = 0, " + text + " } }")
                        .memoryNodes())
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(message);
    }
}
