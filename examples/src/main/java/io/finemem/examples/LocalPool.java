package io.finemem.examples;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.runtime.MemoryNodeDaemon;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.spi.transport.Transports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What {@code finemem memory-node} runs, in this process, for clients in any process of this machine. */
final class LocalPool implements AutoCloseable {
    private final Path secret;
    private final MemoryNodeDaemon daemon;

    LocalPool() throws IOException {
        Path directory = Files.createTempDirectory("finemem-example");
        secret = directory.resolve("secret");
        PresharedSecret.create(secret);
        Config config = config("finemem.memory-node { pool = 16MiB, listen.port = 0 }");
        Transports transports = Transports.discover();
        daemon = MemoryNodeDaemon.open(
                FineMemConfig.of(config, transports.providers()).memoryNode(), transports);
    }

    private Config config(String text) {
        return ConfigFactory.parseString("finemem { transport.name = shm, secret-file = \"" + secret + "\" }\n" + text);
    }

    /** What a client has to know. */
    Config client() {
        return config("finemem.client.memory-nodes = [ { name = " + daemon.name() + ", address = \"127.0.0.1:"
                + daemon.address().getPort() + "\" } ]");
    }

    MemoryNodeDaemon memoryNode() {
        return daemon;
    }

    @Override
    public void close() throws IOException {
        daemon.close();
        Files.delete(secret);
        Files.delete(secret.getParent());
    }
}
