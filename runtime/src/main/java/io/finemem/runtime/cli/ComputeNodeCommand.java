package io.finemem.runtime.cli;

import io.finemem.runtime.ComputeNodeDaemon;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.config.HttpConfig;
import io.finemem.runtime.config.ServiceConfig;
import io.finemem.spi.transport.Transports;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code finemem compute-node}: serves the applications of a machine until it is told to stop. */
@Command(
        name = "compute-node",
        description = "Allocates for the applications of this machine, until Ctrl-C or SIGTERM.",
        footer = {
            "",
            "The memory nodes are those of finemem.client.memory-nodes. Applications set finemem.client.through = service.",
            "Prints one line when it can be used:",
            "  ready socket=/run/finemem/service memory-nodes=mn0,mn1 transport=shm device=/dev/shm/..."
        },
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class ComputeNodeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigOptions configuration = new ConfigOptions();

    @Option(names = "--socket", paramLabel = "PATH", description = "Socket that applications connect to.")
    private @Nullable String socket;

    @Option(
            names = "--secret-file",
            paramLabel = "FILE",
            description = "Secret shared with the memory nodes; made by: finemem new-secret FILE.")
    private @Nullable String secretFile;

    @Override
    public Integer call() {
        Transports transports = Transports.discover();
        FineMemConfig all = configuration.load(transports, options());
        ServiceConfig config = all.service();
        HttpConfig http = all.http();
        new UntilStopped().run(() -> ComputeNodeDaemon.open(config, http, transports), this::announce);
        return FineMemCommand.OK;
    }

    private Map<String, @Nullable String> options() {
        Map<String, @Nullable String> options = new TreeMap<>();
        options.put("finemem.service.socket", socket);
        options.put("finemem.secret-file", secretFile);
        return options;
    }

    private void announce(ComputeNodeDaemon daemon) {
        JsonLines.print(
                spec.commandLine(),
                "ready socket=" + daemon.socket()
                        + " memory-nodes=" + String.join(",", daemon.memoryNodes())
                        + " transport=" + daemon.transport().transport()
                        + " device=" + MemoryNodeCommand.word(daemon.transport().device())
                        + MemoryNodeCommand.http(daemon.httpAddress()));
    }
}
