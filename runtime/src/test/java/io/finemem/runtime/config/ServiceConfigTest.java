package io.finemem.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.finemem.api.InvalidConfiguration;
import io.finemem.service.client.ServiceClientOptions;
import io.finemem.service.ipc.Peer;
import io.finemem.service.server.AccessRules;
import io.finemem.service.server.LabelRules;
import io.finemem.service.server.Quota;
import io.finemem.service.server.Quotas;
import io.finemem.service.server.ServiceOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

class ServiceConfigTest {
    private static final String OWNER = "finemem { secret-file = /s\n"
            + "client.memory-nodes = [ { name = mn0, address = \"127.0.0.1:7471\" } ] }\n";

    private static FineMemConfig config(String text) {
        return new FineMemConfig(
                ConfigFactory.parseString(text, ConfigParseOptions.defaults().setOriginDescription("app.conf")),
                List.of(),
                8L << 30);
    }

    @Test
    void theDefaultsOfAServiceNeedMemoryNodesAndASecret() {
        ServiceConfig service = config(OWNER).service();

        assertThat(service.options()).isEqualTo(ServiceOptions.at(Path.of("/run/finemem/service")));
        assertThat(service.owner().memoryNodes()).hasSize(1);
        assertThat(service.owner().allocation().runAhead()).isEqualTo(16);
        assertThatThrownBy(() -> config("").service())
                .hasMessageContaining("finemem.secret-file is not set")
                .hasMessageContaining("finemem.client.memory-nodes");
    }

    @Test
    void everythingOfAServiceIsAChoice() {
        ServiceOptions options = config(OWNER
                        + "finemem.service { socket = /tmp/s, allow { uids = [ 1001 ], gids = [ 100 ] }, group = users, applications = 2\n"
                        + "mailboxes = 3, data-connections = 4, threads = 5, processors = [ 6, 0 ], spin = 7us\n"
                        + "request-timeout = 8s, labels = [ fast ], run-ahead = 0, quota { bytes = 1MiB, blocks = 9 }\n"
                        + "quotas-by-name = [ { name = batch, bytes = 1GiB }, { name = web, blocks = 10 } ]\n"
                        + "quotas-by-uid = [ { uid = 1001, bytes = 4GiB, blocks = unlimited } ] }")
                .service()
                .options();

        Quotas quotas = new Quotas(
                new Quota(1 << 20, 9),
                Map.of("batch", new Quota(1 << 30, Long.MAX_VALUE), "web", new Quota(Long.MAX_VALUE, 10)),
                Map.of(1001, new Quota(4L << 30, Long.MAX_VALUE)));
        assertThat(options)
                .isEqualTo(new ServiceOptions(
                        Path.of("/tmp/s"),
                        new AccessRules(Set.of(Peer.ownUid(), 1001), Set.of(100), "users"),
                        quotas,
                        LabelRules.only(Set.of("fast")),
                        2,
                        3,
                        4,
                        5,
                        List.of(6, 0),
                        Duration.ofNanos(7_000),
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(10)));
    }

    @Test
    void aClientOfTheServiceNeedsNeitherMemoryNodesNorASecret() {
        FineMemConfig config = config("finemem { service.socket = /tmp/s, service.trusted-uids = [ 33 ]\n"
                + "client { through = service, name = web, workers = 100, connect-timeout = 7s } }");

        assertThat(config.through()).isEqualTo(FineMemConfig.Through.SERVICE);
        ServiceClientOptions options = config.serviceClient().options();
        assertThat(options.socket()).isEqualTo(Path.of("/tmp/s"));
        assertThat(options.application()).isEqualTo("web");
        assertThat(options.threads()).isEqualTo(64);
        assertThat(options.serviceUids()).containsOnly(0, 33, Peer.ownUid());
        assertThat(options.spin()).isEqualTo(Duration.ofNanos(20_000));
        assertThat(options.connectTimeout()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void aWayThatDoesNotExistIsRefused() {
        assertThat(config("").through()).isEqualTo(FineMemConfig.Through.MEMORY_NODES);
        assertThatThrownBy(() -> config("finemem.client.through = pigeon").through())
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining(
                        "finemem.client.through = pigeon is not valid: it must be memory-nodes or service");
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/mistakes-of-a-service.txt", delimiter = '|', quoteCharacter = '\'')
    void aMistakeOfAServiceIsNamedWithItsRemedy(String written, String message) {
        assertThatThrownBy(() ->
                        config(OWNER + "finemem.service." + written + "\n").service())
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith(message)
                .hasMessageMatching("[^\n]*");
    }
}
