package io.finemem.runtime.cli;

import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.config.TransportChoice;
import io.finemem.runtime.demo.ChosenTransport;
import io.finemem.runtime.soak.system.Fault;
import io.finemem.runtime.soak.system.SystemSoak;
import io.finemem.runtime.soak.system.SystemSoakOptions;
import io.finemem.runtime.soak.system.SystemSoakReport;
import io.finemem.spi.transport.Transports;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code finemem soak-system}: daemons and applications under load and faults. */
@Command(
        name = "soak-system",
        description = {
            "Starts memory nodes, allocation services and applications on this machine, all processes as in production, and disturbs"
                    + " them while they work: processes are killed or stopped, the network is made lossy or cut. After each"
                    + " fault everybody has to go on; at the end every chunk is accounted for.",
            "Exit code 0 if no chunk leaked, no byte was wrong and all audits are clean."
        },
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class SystemSoakCommand implements Callable<Integer> {
    private static final String GUEST = "FINEMEM_IN_GUEST";
    /** One emulated processor is not to be so busy that no process can start. */
    private static final int GUEST_PACE_MICROS = 20_000;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigOptions configuration = new ConfigOptions();

    @Option(names = "--seconds", paramLabel = "N", description = "Length of the load (default: ${DEFAULT-VALUE}).")
    private int seconds = 60;

    @Option(names = "--memory-nodes", paramLabel = "N", description = "How many (default: ${DEFAULT-VALUE}).")
    private int memoryNodes = 1;

    @Option(names = "--services", paramLabel = "N", description = "How many (default: ${DEFAULT-VALUE}).")
    private int services = 2;

    @Option(names = "--applications", paramLabel = "N", description = "How many (default: ${DEFAULT-VALUE}).")
    private int applications = 6;

    @Option(
            names = "--pace",
            paramLabel = "MICROSECONDS",
            description = "Pause of an application after each operation (default: 100, in a guest " + GUEST_PACE_MICROS
                    + ").")
    private @Nullable Integer pace;

    @Option(names = "--every", paramLabel = "SECONDS", description = "Time between faults (default: ${DEFAULT-VALUE}).")
    private int every = 5;

    @Option(
            names = "--steady",
            description = "Faults come at their times, whether or not everybody works again; for kill-application and"
                    + " kill-service.")
    private boolean steady;

    @Option(
            names = "--service-every",
            paramLabel = "N",
            description = "Of so many faults, once each had its turn, one is none of an application"
                    + " (default: ${DEFAULT-VALUE}).")
    private int serviceEvery = 6;

    @Option(
            names = "--faults",
            paramLabel = "FAULT,...",
            description =
                    "What is done, each at least once, of: kill-application, stop-application, kill-service, stop-service,"
                            + " kill-memory-node, stop-memory-node, kill-directory, stop-directory, lossy-network,"
                            + " delayed-network, doubled-network, cut-network, long-cut-network; or all that these options"
                            + " allow: all (default: kill-application, kill-service). Stopped and cut for long: longer than"
                            + " the lease. Given several times, the last one counts.")
    private List<String> faults = List.of("kill-application,kill-service");

    @Option(
            names = "--redis",
            description = "Memory nodes are found in a directory: a redis-server of the run's own, with a password.")
    private boolean redis;

    @Option(
            names = "--devices",
            paramLabel = "DEVICE",
            split = ",",
            description =
                    "Devices of the transport: the first for the memory nodes, the others for the services in turn.")
    private List<String> devices = List.of();

    @Option(
            names = "--network-devices",
            paramLabel = "INTERFACE",
            split = ",",
            description = "What faults of the network are done to, all at once; nothing else may use them. Needs root.")
    private List<String> networkDevices = List.of();

    @Option(names = "--lease", paramLabel = "SECONDS", description = "Lease of an owner (default: 3, in a guest 10).")
    private @Nullable Integer lease;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            description =
                    "Time within which all have to go on after a fault (default: ${DEFAULT-VALUE}). A JVM needs long to"
                            + " start on a machine that is emulated, or busy with other things.")
    private int patience = 180;

    @Option(
            names = "--logs",
            paramLabel = "DIRECTORY",
            description =
                    "Where the logs of all processes go and stay (default: beside their sockets, in a directory that is"
                            + " removed after a run that has passed).")
    private @Nullable Path logs;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of what is random (default: another one each time).")
    private @Nullable Long seed;

    @Override
    public Integer call() throws IOException {
        if (logs != null) {
            Files.createDirectories(logs);
        }
        Transports transports = Transports.discover();
        FineMemConfig config = configuration.load(transports, Map.of());
        TransportChoice choice = config.transport();
        ChosenTransport chosen = ChosenTransport.choose(transports, choice.name(), choice.settings());
        SystemSoakOptions options = options();
        PrintWriter out = spec.commandLine().getOut();
        out.println("transport " + chosen.name() + ": " + chosen.reason() + "; seed " + options.seed());
        out.flush();
        Path directory = Files.createTempDirectory("finemem-soak-");
        SystemSoak soak = new SystemSoak(options, chosen, devices, directory, logs == null ? directory : logs, line -> {
            out.println(line);
            out.flush();
        });
        try {
            soak.run();
            remove(directory); // kept when anything is wrong: the logs are in it
        } finally {
            SystemSoakReport report = soak.report();
            if (!report.passed()) {
                out.println(
                        "logs and configurations of all processes: " + directory + (logs == null ? "" : ", " + logs));
            }
            out.println(report.text());
            out.flush();
        }
        return FineMemCommand.OK;
    }

    private SystemSoakOptions options() {
        boolean guest = System.getenv(GUEST) != null;
        return new SystemSoakOptions(
                seed == null ? new SecureRandom().nextLong() : seed,
                Duration.ofSeconds(seconds),
                memoryNodes,
                services,
                applications,
                pace != null ? pace : guest ? GUEST_PACE_MICROS : 100,
                64L << 20,
                Duration.ofSeconds(every),
                steady,
                serviceEvery,
                chosenFaults(),
                Duration.ofSeconds(lease != null ? lease : guest ? 10 : 3),
                Duration.ofSeconds(patience),
                redis,
                networkDevices,
                List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx96m"));
    }

    private List<Fault> chosenFaults() {
        String last = faults.get(faults.size() - 1);
        if (last.equals("all")) {
            return SystemSoakOptions.faultsOf(memoryNodes, redis, !networkDevices.isEmpty());
        }
        return Stream.of(last.split(",")).distinct().map(this::fault).toList();
    }

    private Fault fault(String name) {
        return Stream.of(Fault.values())
                .filter(fault -> fault.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "unknown fault '" + name + "': use all, or some of " + List.of(Fault.values())));
    }

    private static void remove(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
