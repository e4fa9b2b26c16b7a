package io.finemem.runtime.cli;

import io.finemem.runtime.top.Endpoints;
import io.finemem.runtime.top.Top;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code finemem top}: a live view of memory nodes, their owners and allocation services. */
@Command(
        name = "top",
        description = "Shows live what memory nodes and allocation services do; q or Ctrl-C quits.",
        footer = {
            "",
            "The daemons need an HTTP endpoint: finemem.http.port = 9470. Exits with 1 if none answers (--once, --batch)."
        },
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class TopCommand implements Callable<Integer> {
    private static final Pattern ADDRESS = Pattern.compile("([\\w.-]+|\\[[0-9a-fA-F:.]+\\]):\\d{1,5}");
    private static final double MIN_SECONDS = 0.1;
    private static final double MAX_SECONDS = 3600;
    private static final double MILLIS = 1000;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "HOST:PORT",
            arity = "1..*",
            description = "HTTP endpoint of a memory-node or compute-node (finemem.http).")
    private List<String> addresses = List.of();

    @Option(
            names = {"-d", "--delay"},
            paramLabel = "SECONDS",
            description = "Seconds between two looks (default ${DEFAULT-VALUE}).")
    private double seconds = 1;

    @Option(names = "--once", description = "Print the view once, over one delay, and quit.")
    private boolean once;

    @Option(names = "--batch", description = "Print the view after every delay, for pipes and files.")
    private boolean batch;

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (String address : addresses) {
            if (!ADDRESS.matcher(address).matches()) {
                throw new ParameterException(
                        spec.commandLine(), "the address " + address + " is not valid: it must be HOST:PORT");
            }
        }
        if (!(seconds >= MIN_SECONDS && seconds <= MAX_SECONDS)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--delay " + seconds + " is not valid: it must be " + MIN_SECONDS + " to " + (int) MAX_SECONDS);
        }
        Top top = new Top(new Endpoints(addresses), Duration.ofMillis(Math.round(seconds * MILLIS)));
        if (once || batch) {
            boolean answered = top.print(spec.commandLine().getOut(), once ? 1 : Long.MAX_VALUE);
            return answered ? FineMemCommand.OK : FineMemCommand.FAILURE;
        }
        top.show();
        return FineMemCommand.OK;
    }
}
