package io.finemem.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.api.AuthenticationFailed;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.control.TestCertificates;
import io.finemem.spi.transport.Transports;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A memory node and its clients that prove themselves by certificates, from their configurations on. */
@Timeout(60)
class TlsDaemonTest {
    @TempDir
    static Path directory;

    private static TestCertificates certificates;

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = new TestCertificates(directory);
        certificates.make("mn0", "CN=mn0");
        certificates.make("app", "CN=app");
    }

    private static Config config(String name, String more) throws Exception {
        Path key = certificates.privateFile(name + ".pem", certificates.pemKey(name) + certificates.pem(name));
        Path trust = certificates.privateFile("trust.pem", certificates.pem("mn0") + certificates.pem("app"));
        return ConfigFactory.parseString("finemem { transport { name = shm, shm.directory = \"" + directory + "\" }\n"
                + "control { security = tls, tls { keystore = \"" + key + "\", truststore = \"" + trust + "\" } }\n"
                + "memory-node { pool = 4MiB, listen.port = 0 } }\n" + more);
    }

    private static MemoryNodeDaemon start(Config config) {
        Transports transports = Transports.discover();
        return MemoryNodeDaemon.open(
                FineMemConfig.of(config, transports.providers()).memoryNode(), transports);
    }

    private static String nodes(MemoryNodeDaemon daemon) {
        return "finemem.client.memory-nodes = [ { name = mn0, address = \"127.0.0.1:"
                + daemon.address().getPort() + "\" } ]";
    }

    @Test
    void aClientWithACertificateAllocates() throws Exception {
        try (MemoryNodeDaemon daemon = start(config("mn0", ""));
                FineMem memory = FineMem.connect(config("app", nodes(daemon)));
                RemoteBlock block = memory.allocate(4096)) {
            assertThat(block.fetchAdd(0, 1)).isNotNegative();
            assertThat(memory.audit()).hasSize(1);
        }
    }

    @Test
    void aClientWithASecretIsRefusedWithTheKeyToChange() throws Exception {
        Path secret = directory.resolve("a-secret");
        io.finemem.runtime.control.PresharedSecret.create(secret);
        try (MemoryNodeDaemon daemon = start(config("mn0", ""))) {
            Config client = ConfigFactory.parseString(
                            "finemem { control.security = psk, secret-file = \"" + secret + "\" }")
                    .withFallback(config("app", nodes(daemon)));
            assertThatThrownBy(() -> FineMem.connect(client))
                    .isInstanceOf(AuthenticationFailed.class)
                    .hasMessageContaining("the memory node has finemem.control.security = tls");
        }
    }

    @Test
    void aMemoryNodeWithTheCertificateOfAnotherDoesNotStart() {
        assertThatThrownBy(() -> start(config("app", "")))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("this memory node is called mn0, and its certificate is that of app;"
                        + " set finemem.memory-node.name to the common name of the certificate");
    }
}
