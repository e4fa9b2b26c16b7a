package io.finemem.runtime.cli;

import io.finemem.runtime.ClusterAccess;
import io.finemem.spi.transport.Transports;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code finemem barrier}: makes the scripts of an experiment begin together. */
@Command(
        name = "barrier",
        description = "Waits until as many parties as it says have called it with this name, on whichever machines.",
        footer = {"", "Needs finemem.coordination.provider = redis, or another directory that has barriers."},
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class BarrierCommand implements Callable<Integer> {
    private static final int DAY_SECONDS = 86_400;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigOptions configuration = new ConfigOptions();

    @Parameters(paramLabel = "NAME", description = "What the parties agreed to call it.")
    private String name = "";

    @Option(names = "--parties", paramLabel = "N", required = true, description = "How many, this one included.")
    private int parties;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "Give up after that long; default: 600.")
    private int timeoutSeconds = 600;

    @Override
    public Integer call() throws InterruptedException {
        if (timeoutSeconds < 1 || timeoutSeconds > DAY_SECONDS) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--timeout " + timeoutSeconds + " is not valid: it must be from 1 to " + DAY_SECONDS);
        }
        try (ClusterAccess cluster = ClusterAccess.open(
                configuration.load(Transports.discover(), Map.of()).directory())) {
            long generation = cluster.coordination().barrier(name, parties).await(Duration.ofSeconds(timeoutSeconds));
            PrintWriter out = spec.commandLine().getOut();
            out.println("passed name=" + name + " parties=" + parties + " generation=" + generation);
            out.flush();
        }
        return FineMemCommand.OK;
    }
}
