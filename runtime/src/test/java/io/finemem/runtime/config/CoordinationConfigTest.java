package io.finemem.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.coordination.CoordinationProviders;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

class CoordinationConfigTest {
    private static final String REDIS =
            "finemem { secret-file = s, coordination { provider = redis, redis.insecure = true } }\n";
    private static final String LIST = "finemem.client.memory-nodes = [ { name = mn0, address = \"h:1\" } ]\n";

    private static FineMemConfig config(String text) {
        ConfigParseOptions origin = ConfigParseOptions.defaults().setOriginDescription("app.conf");
        return FineMemConfig.of(ConfigFactory.parseString(text, origin), List.of());
    }

    @Test
    void aListInTheConfigurationIsTheDefaultAndNeedsNoServer() {
        FineMemConfig config = config("finemem.secret-file = s\n" + LIST);

        assertThat(config.client().coordination().listed()).isTrue();
        assertThat(config.memoryNode().coordination().listed()).isTrue();
        assertThat(config("").directory().memoryNodes()).isEmpty();
    }

    @Test
    void everySettingOfRedisIsInTheReference() {
        assertThat(ConfigFactory.defaultReference()
                        .getObject("finemem.coordination.redis")
                        .keySet())
                .isEqualTo(CoordinationProviders.discover().named("redis").settingKeys());
    }

    @Test
    void aDirectoryNeedsNoListOfMemoryNodesAndAServiceHasItToo() {
        ClientConfig client = config(REDIS).client();

        assertThat(client.memoryNodes()).isEmpty();
        assertThat(client.coordination().provider()).isEqualTo("redis");
        assertThat(config(REDIS + "finemem.service.socket = /tmp/s")
                        .service()
                        .owner()
                        .coordination())
                .isEqualTo(client.coordination());
    }

    @Test
    void addressesMayBeAListOrOneText() {
        String cluster = REDIS + "finemem.coordination.redis { mode = cluster, addresses = ";

        assertThat(config(cluster + "[ \"a:1\", \"b:2\" ] }").client().coordination())
                .isEqualTo(config(cluster + "\"a:1,b:2\" }").client().coordination());
    }

    @Test
    void textFormShowsNoValues() {
        assertThat(config(REDIS + "finemem.coordination.redis.prefix = hidden")
                        .client()
                        .coordination())
                .hasToString("coordination{redis}");
    }

    /** One mistake per line: what is written, and the whole message. */
    @ParameterizedTest
    @CsvFileSource(resources = "/mistakes-of-a-directory.txt", delimiter = '|', quoteCharacter = '\'')
    void aMistakeIsNamedWithItsRemedyToMemoryNodesAndToClients(String written, String message) {
        FineMemConfig config = config(REDIS + "finemem.coordination." + written);

        assertThatThrownBy(config::memoryNode)
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(message);
        assertThatThrownBy(config::client)
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining(message);
        assertThatThrownBy(config::directory)
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(message);
    }

    @Test
    void aListBesideADirectoryIsRefused() {
        assertThatThrownBy(() -> config(REDIS + LIST).client())
                .hasMessage(
                        "finemem.client.memory-nodes = [{\"address\":\"h:1\",\"name\":\"mn0\"}] is not valid: it must be"
                                + " empty with finemem.coordination.provider = redis, which finds the memory nodes (app.conf: 2)");
    }

    @Test
    void allAddressesOfAMachineAreNoAddressForADirectory() {
        String wildcard = "finemem.memory-node.listen.host = 0.0.0.0\n";

        assertThatThrownBy(() -> config(REDIS + wildcard).memoryNode())
                .hasMessage("finemem.memory-node.advertise is not set: it must be the address that clients reach this"
                        + " memory node at, since finemem.memory-node.listen.host is all addresses of this machine");
        assertThat(config(REDIS + wildcard + "finemem.memory-node.advertise = 10.0.0.1")
                        .memoryNode()
                        .advertise())
                .isEqualTo("10.0.0.1");
        assertThatThrownBy(() -> config(REDIS + wildcard + "finemem.memory-node.advertise = \"0.0.0.0:1\"")
                        .memoryNode())
                .hasMessage("finemem.memory-node.advertise = 0.0.0.0:1 is not valid: it must be host or host:port that"
                        + " clients can connect to, such as 10.0.0.1 (app.conf: 3)");
        assertThat(config("finemem.secret-file = s\n" + wildcard)
                        .memoryNode()
                        .credentials()
                        .secretFile())
                .isEqualTo(Path.of("s"));
    }
}
