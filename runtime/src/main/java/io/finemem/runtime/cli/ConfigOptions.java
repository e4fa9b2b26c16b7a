package io.finemem.runtime.cli;

import com.typesafe.config.Config;
import io.finemem.runtime.config.ConfigSources;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.spi.transport.Transports;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options of all commands that read the configuration. */
final class ConfigOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration file (HOCON); without it application.conf on the class path, if any.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Set any key of the configuration, such as finemem.transport.verbs.device=mlx5_0.")
    private Map<String, String> settings = new TreeMap<>();

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            description = "auto, verbs, rxe, shm, or another transport on the class path (finemem.transport.name).")
    private @Nullable String transport;

    /**
     * The configuration of this process, with the options on top; sets the log up too.
     *
     * @param options keys and values of the command's own options; null values are left out
     */
    FineMemConfig load(Transports transports, Map<String, @Nullable String> options) {
        FineMemConfig config = FineMemConfig.of(loadUnchecked(options), transports.providers());
        String node = config.nameInLog(command.userObject() instanceof MemoryNodeCommand);
        JsonLines json = CommandLog.set(config.log(), verbose(), node);
        if (command.root().userObject() instanceof FineMemCommand finemem) {
            finemem.jsonLog(json);
        }
        return config;
    }

    /**
     * As {@link #load}, but it says what it says: nothing in it is checked.
     *
     * @param options keys and values of the command's own options; null values are left out
     */
    Config loadUnchecked(Map<String, ? extends @Nullable String> options) {
        Map<String, String> overrides = new TreeMap<>(settings);
        options.forEach((key, value) -> {
            if (value != null) {
                overrides.put(key, value);
            }
        });
        if (transport != null) {
            overrides.put("finemem.transport.name", transport);
        }
        return ConfigSources.load(file, overrides);
    }

    private boolean verbose() {
        return command.root().userObject() instanceof FineMemCommand finemem && finemem.verbose();
    }
}
