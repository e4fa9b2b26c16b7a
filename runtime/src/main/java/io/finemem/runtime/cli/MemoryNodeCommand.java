package io.finemem.runtime.cli;

import io.finemem.runtime.MemoryNodeDaemon;
import io.finemem.runtime.ServedPool;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.config.HttpConfig;
import io.finemem.runtime.config.MemoryNodeConfig;
import io.finemem.spi.transport.TransportDescription;
import io.finemem.spi.transport.Transports;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code finemem memory-node}: lends memory until it is told to stop. */
@Command(
        name = "memory-node",
        description =
                "Lends memory of this machine to other processes and machines, until Ctrl-C, SIGTERM or drain --then-stop.",
        footer = {
            "",
            "Prints a line for each pool when they can be used:",
            "  ready name=mn0 address=127.0.0.1:7471 transport=shm device=/dev/shm/..."
        },
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class MemoryNodeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigOptions configuration = new ConfigOptions();

    @Option(names = "--name", paramLabel = "NAME", description = "Name of the memory node.")
    private @Nullable String name;

    @Option(names = "--pool", paramLabel = "SIZE", description = "Memory to lend, such as 64MiB: a multiple of 2MiB.")
    private @Nullable String pool;

    @Option(names = "--host", paramLabel = "ADDRESS", description = "Address that the control channel listens on.")
    private @Nullable String host;

    @Option(names = "--port", paramLabel = "PORT", description = "Its port; 0 takes a free one.")
    private @Nullable String port;

    @Option(
            names = "--secret-file",
            paramLabel = "FILE",
            description = "Secret shared with the clients; made by: finemem new-secret FILE.")
    private @Nullable String secretFile;

    @Override
    public Integer call() {
        Transports transports = Transports.discover();
        FineMemConfig all = configuration.load(transports, options());
        List<MemoryNodeConfig> configs = all.memoryNodes();
        requireOne(configs);
        HttpConfig http = all.http();
        new UntilStopped()
                .run(() -> MemoryNodeDaemon.open(configs, http, transports), this::announce, MemoryNodeDaemon::stopped);
        return FineMemCommand.OK;
    }

    /** Several pools have a name and a port each. */
    private void requireOne(List<MemoryNodeConfig> configs) {
        if (configs.size() > 1 && (name != null || port != null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--name and --port are for one memory node, and finemem.memory-node.pools has " + configs.size());
        }
    }

    private Map<String, @Nullable String> options() {
        Map<String, @Nullable String> options = new TreeMap<>();
        options.put("finemem.memory-node.name", name);
        options.put("finemem.memory-node.pool", pool);
        options.put("finemem.memory-node.listen.host", host);
        options.put("finemem.memory-node.listen.port", port);
        options.put("finemem.secret-file", secretFile);
        return options;
    }

    private void announce(MemoryNodeDaemon daemon) {
        for (ServedPool pool : daemon.pools()) {
            JsonLines.print(
                    spec.commandLine(),
                    readyLine(pool.name(), pool.address(), pool.transport()) + http(daemon.httpAddress()));
        }
    }

    static String readyLine(String name, InetSocketAddress address, TransportDescription transport) {
        return "ready name=" + name
                + " address=" + address(address)
                + " transport=" + transport.transport()
                + " device=" + word(transport.device());
    }

    private static String address(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** The end of the line, if there is an HTTP endpoint. */
    static String http(Optional<InetSocketAddress> endpoint) {
        return endpoint.map(address -> " http=" + address(address)).orElse("");
    }

    static String word(String text) {
        return text.isEmpty() || text.chars().anyMatch(Character::isWhitespace) ? "\"" + text + "\"" : text;
    }
}
