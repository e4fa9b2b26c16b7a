package io.finemem.runtime.cli;

import io.finemem.api.InvalidRequest;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.config.TransportChoice;
import io.finemem.runtime.demo.ChosenTransport;
import io.finemem.runtime.demo.Demo;
import io.finemem.runtime.demo.DemoOptions;
import io.finemem.runtime.demo.DemoProgress;
import io.finemem.runtime.demo.DemoReport;
import io.finemem.runtime.demo.DemoTable;
import io.finemem.runtime.trace.ReplayBounds;
import io.finemem.spi.transport.Transports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code finemem demo}: real processes, real programs' allocations, every byte checked, every chunk accounted for. */
@Command(
        name = "demo",
        description = {
            "Starts a memory node, an allocation service and two applications of it on this machine, each a process. Each application replays recorded allocations and frees of"
                    + " real programs, writes a pattern into every block, reads it back and checks it. The pool is audited"
                    + " while the blocks are held and after they were freed.",
            "Exit code 0 if every check passed."
        },
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class DemoCommand implements Callable<Integer> {
    private static final String GUEST = "FINEMEM_IN_GUEST";
    private static final int ROUNDS = 6;
    private static final long FAST_OPERATIONS = 600;
    private static final long FAST_OBJECT_BYTES = 64 << 10;
    private static final String POOL = "finemem.memory-node.pool";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigOptions configuration = new ConfigOptions();

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file too, as JSON.")
    private @Nullable Path json;

    @Option(
            names = "--trace",
            paramLabel = "NAME|FILE",
            description =
                    "Trace to replay: redis, javac, or a file that scripts/record-trace has written; may be repeated."
                            + " Default: redis, then javac.")
    private List<String> traces = List.of("redis", "javac");

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Replay the traces N times; latencies are those of the later half. Default: " + ROUNDS
                    + ", but once for a part of the traces, at a recorded speed and in a guest.")
    private @Nullable Integer rounds;

    @Option(
            names = "--pool",
            paramLabel = "SIZE",
            description =
                    "Memory of the memory node, such as 256MiB: a multiple of 2MiB. Default: what the traces need.")
    private @Nullable String pool;

    @Option(
            names = "--operations",
            paramLabel = "N",
            description = "Replay only the part of each trace that takes at most N allocations and frees.")
    private @Nullable Long operations;

    @Option(
            names = "--fast",
            description = "Replay only objects of up to 64 KiB, and of each trace only what takes at most "
                    + FAST_OPERATIONS + " allocations and frees; the default in a guest.")
    private boolean fast;

    @Option(
            names = "--service",
            negatable = true,
            description = "Whether the applications allocate through an allocation service, or are owners themselves."
                    + " Default: through it, but in a guest, where starting a process takes long, as owners.")
    private @Nullable Boolean service;

    @Option(
            names = "--speed",
            paramLabel = "FACTOR",
            description = "Keep to the recorded times, so many times faster; 0: as fast as possible (default).")
    private double speed;

    @Override
    public Integer call() {
        Path target = json;
        if (target != null) {
            requireWritable(target);
        }
        Transports transports = Transports.discover();
        FineMemConfig config = configuration.load(transports, options());
        TransportChoice choice = config.transport();
        DemoOptions options = new DemoOptions(
                choice.name(),
                choice.settings(),
                traces,
                rounds(),
                pool == null ? 0 : config.embedded().pool().bytes(),
                config.embedded().pool().isolation(),
                config.embedded().pool().zeroOnFree(),
                service == null ? System.getenv(GUEST) == null : service,
                bounds(),
                speed);
        ChosenTransport chosen = ChosenTransport.choose(transports, options.transport(), options.settings());
        DemoReport report = run(options, chosen);
        if (target != null) {
            write(target, report.toJson());
        }
        return report.passed() ? FineMemCommand.OK : FineMemCommand.FAILURE;
    }

    private DemoReport run(DemoOptions options, ChosenTransport chosen) {
        DemoTable table = new DemoTable(spec.commandLine().getOut());
        try (DemoProgress progress = terminal() ? DemoProgress.bar() : DemoProgress.SILENT) {
            Demo demo = new Demo(options, chosen, progress);
            table.announce(chosen, demo);
            DemoReport report = demo.run();
            table.report(report);
            return report;
        }
    }

    private Map<String, @Nullable String> options() {
        Map<String, @Nullable String> options = new TreeMap<>();
        options.put(POOL, pool);
        return options;
    }

    private int rounds() {
        if (rounds != null) {
            return rounds;
        }
        return operations != null || speed > 0 || fast() ? 1 : ROUNDS;
    }

    private boolean fast() {
        return fast || System.getenv(GUEST) != null;
    }

    private ReplayBounds bounds() {
        ReplayBounds whole = ReplayBounds.none(DemoOptions.SECTION_BYTES);
        if (operations != null) {
            if (operations < 2) {
                throw new InvalidRequest("--operations " + operations + " is not valid: it must be 2 or more");
            }
            return whole.withMaxOperations(operations);
        }
        return fast() ? whole.withMaxOperations(FAST_OPERATIONS).withMaxObjectBytes(FAST_OBJECT_BYTES) : whole;
    }

    private static boolean terminal() {
        return CommandLine.Help.Ansi.AUTO.enabled();
    }

    private static void requireWritable(Path file) {
        Path directory = file.toAbsolutePath().getParent();
        boolean writable = Files.exists(file)
                ? Files.isRegularFile(file) && Files.isWritable(file)
                : directory != null && Files.isDirectory(directory) && Files.isWritable(directory);
        if (!writable) {
            throw new InvalidRequest("--json " + file + " cannot be written: name a file in a directory that exists");
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new InvalidRequest("--json " + file + " cannot be written: " + e);
        }
    }
}
