package io.finemem.transport.shm;

import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What the tests make again and again. */
final class Fixture {
    static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(20);
    static final Set<Access> ALL_REMOTE = Set.of(Access.REMOTE_READ, Access.REMOTE_WRITE, Access.REMOTE_ATOMIC);
    static final Set<Access> EVERYTHING =
            Set.of(Access.REMOTE_READ, Access.REMOTE_WRITE, Access.REMOTE_ATOMIC, Access.WINDOW_BIND);

    private Fixture() {}

    static TransportSettings settings(Path directory, String... keysAndValues) {
        Map<String, String> values = new TreeMap<>();
        values.put(ShmSettings.DIRECTORY, directory.toString());
        for (int i = 0; i < keysAndValues.length; i += 2) {
            values.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return TransportSettings.of("finemem.transport.shm", values);
    }

    static Transport open(Path directory, String... keysAndValues) {
        return new ShmTransportProvider().open(settings(directory, keysAndValues));
    }

    /** Two ends that are connected. */
    record Pair(Connection client, Connection server) {}

    static Pair connect(ProtectionDomain client, ProtectionDomain server) {
        return connect(client, server, ConnectionOptions.of("peer"));
    }

    static Pair connect(ProtectionDomain client, ProtectionDomain server, ConnectionOptions options) {
        Connection clientEnd = client.newConnection(options);
        Connection serverEnd = server.newConnection(options);
        serverEnd.connect(clientEnd.descriptor());
        clientEnd.connect(serverEnd.descriptor());
        return new Pair(clientEnd, serverEnd);
    }

    static CompletionStatus execute(Chain chain) {
        return chain.connection().execute(chain, TIMEOUT_NANOS);
    }

    static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith(FabricName.PREFIX))
                    .sorted()
                    .toList();
        }
    }
}
