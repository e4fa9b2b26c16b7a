package io.finemem.runtime.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.finemem.runtime.config.EffectiveConfig;
import io.finemem.runtime.config.EffectiveConfig.Setting;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.spi.transport.Transports;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code finemem config}: what the configuration says, and whether a role can start with it. */
@Command(
        name = "config",
        description = "Shows the effective configuration, or checks it for a role.",
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class,
        synopsisSubcommandLabel = "show | check",
        subcommands = {ConfigCommand.Show.class, ConfigCommand.Check.class})
final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "show or check is missing");
    }

    /** {@code finemem config show}. */
    @Command(
            name = "show",
            description = "Prints every key with its value and where that came from. Secrets are masked.",
            mixinStandardHelpOptions = true,
            versionProvider = ReleaseVersion.class)
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private ConfigOptions configuration = new ConfigOptions();

        @Option(names = "--changed", description = "Only what differs in its source from the defaults.")
        private boolean changed;

        @Option(names = "--json", description = "An array of objects with key, value, source and default.")
        private boolean json;

        @Override
        public Integer call() {
            List<Setting> settings = EffectiveConfig.of(configuration.loadUnchecked(Map.of())).stream()
                    .filter(setting -> !changed || !setting.isDefault())
                    .toList();
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(asJson(settings));
            } else {
                settings.forEach(
                        setting -> out.println(setting.key() + " = " + setting.value() + "  # " + setting.source()));
            }
            out.flush();
            return FineMemCommand.OK;
        }

        private static String asJson(List<Setting> settings) {
            try {
                return new ObjectMapper()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .writeValueAsString(settings.stream()
                                .map(setting -> Map.of(
                                        "key", setting.key(),
                                        "value", setting.value(),
                                        "source", setting.source(),
                                        "default", setting.isDefault()))
                                .toList());
            } catch (JsonProcessingException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Who is to start with a configuration. */
    enum Role {
        MEMORY_NODE(FineMemConfig::memoryNodes),
        COMPUTE_NODE(FineMemConfig::service),
        CLIENT(config -> {
            if (config.through() == FineMemConfig.Through.SERVICE) {
                config.serviceClient();
            } else {
                config.client();
            }
        }),
        EMBEDDED(FineMemConfig::embedded);

        private final Consumer<FineMemConfig> reading;

        Role(Consumer<FineMemConfig> reading) {
            this.reading = reading;
        }

        /** Takes the name as it is printed. */
        static final class Names implements ITypeConverter<Role> {
            @Override
            public Role convert(String name) {
                return Stream.of(values())
                        .filter(role -> role.toString().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new TypeConversionException("unknown role '" + name + "': use "
                                + Stream.of(values()).map(Role::toString).collect(Collectors.joining(", "))));
            }
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** {@code finemem config check}. */
    @Command(
            name = "check",
            description = "Says everything that is wrong with the configuration for a role; starts nothing.",
            mixinStandardHelpOptions = true,
            versionProvider = ReleaseVersion.class)
    static final class Check implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private ConfigOptions configuration = new ConfigOptions();

        @Option(
                names = "--role",
                paramLabel = "ROLE",
                required = true,
                converter = Role.Names.class,
                description = "memory-node, compute-node, client or embedded.")
        private Role role = Role.CLIENT;

        @Override
        public Integer call() {
            role.reading.accept(configuration.load(Transports.discover(), Map.of()));
            spec.commandLine().getOut().println("good for " + role);
            return FineMemCommand.OK;
        }
    }
}
