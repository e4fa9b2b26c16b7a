package io.finemem.runtime.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command {@code finemem}. Exit codes: 0 success, 1 failure, 2 wrong usage or configuration. A failure is one
 * line per
 * cause on stderr; {@code --verbose} adds where it came from.
 */
@Command(
        name = "finemem",
        description = "Remote memory in steps of 4 KiB, allocated by one-sided RDMA operations.",
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            MemoryNodeCommand.class,
            ComputeNodeCommand.class,
            DemoCommand.class,
            InspectCommand.class,
            TopCommand.class,
            ClusterCommand.class,
            BarrierCommand.class,
            DrainCommand.class,
            ExploreCommand.class,
            SimulateCommand.class,
            SoakCommand.class,
            SystemSoakCommand.class,
            DoctorCommand.class,
            NewSecretCommand.class,
            ConfigCommand.class,
            ScriptCommands.Guest.class,
            ScriptCommands.Test.class,
            ScriptCommands.Java.class,
            ScriptCommands.Dist.class
        })
public final class FineMemCommand implements Runnable {
    /** Everything went well. */
    public static final int OK = CommandLine.ExitCode.OK;
    /** It was tried and did not work. */
    public static final int FAILURE = CommandLine.ExitCode.SOFTWARE;
    /** It was not tried: options, arguments or configuration are wrong. */
    public static final int USAGE = CommandLine.ExitCode.USAGE;

    private static final String LOGBACK_FILE = "logback.configurationFile";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Log details, and show where a failure came from.")
    private boolean verbose;

    private @Nullable JsonLines jsonLog;

    /** The one of a command. */
    static FineMemCommand of(CommandLine command) {
        return (FineMemCommand) command.getCommandSpec().root().userObject();
    }

    /** How lines are written beside the log; null as text. */
    @Nullable
    JsonLines jsonLog() {
        return jsonLog;
    }

    void jsonLog(@Nullable JsonLines json) {
        jsonLog = json;
    }

    /** Whether details are wanted. */
    boolean verbose() {
        return verbose;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Entry of the process. */
    public static void main(String[] arguments) {
        if (System.getProperty(LOGBACK_FILE) == null) {
            System.setProperty(LOGBACK_FILE, "finemem-logback.xml");
        }
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> LoggerFactory.getLogger(FineMemCommand.class)
                .error("thread {} has ended by a defect", thread.getName(), e));
        StandardOutput stdout = new StandardOutput();
        PrintWriter out = new PrintWriter(stdout, true, Charset.defaultCharset());
        PrintWriter err = new PrintWriter(System.err, true, Charset.defaultCharset());
        int code = execute(out, err, arguments);
        out.flush();
        System.exit(stdout.exitCode(code, err));
    }

    /** Runs a command in this process and returns its exit code. */
    public static int execute(PrintWriter out, PrintWriter err, String... arguments) {
        try {
            return commandLine(out, err).execute(arguments);
        } catch (OutOfMemoryError | StackOverflowError | LinkageError e) {
            return Failures.failed(e, err);
        }
    }

    static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        return new CommandLine(new FineMemCommand())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Failures::wrongUsage)
                .setExecutionExceptionHandler(Failures::failed);
    }
}
