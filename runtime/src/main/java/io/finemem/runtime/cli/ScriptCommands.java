package io.finemem.runtime.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Commands that the script {@code ./finemem} carries out itself; they are here for the help. */
final class ScriptCommands {
    private ScriptCommands() {}

    private abstract static class ScriptCommand implements Runnable {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(hidden = true)
        private List<String> ignored = List.of();

        @Override
        public void run() {
            throw new ParameterException(
                    spec.commandLine(),
                    "this command is part of the script ./finemem in the root of the source tree: run it there");
        }
    }

    @Command(
            name = "guest",
            description =
                    "Runs a command in a guest with soft RDMA, over this machine's file system (script ./finemem).",
            mixinStandardHelpOptions = true)
    static final class Guest extends ScriptCommand {}

    @Command(
            name = "test",
            description =
                    "Sets up what is missing, then runs all tests, those on soft RDMA included (script ./finemem).",
            mixinStandardHelpOptions = true)
    static final class Test extends ScriptCommand {}

    @Command(
            name = "dist",
            description = "Makes the archive that is installed on machines (script ./finemem).",
            mixinStandardHelpOptions = true)
    static final class Dist extends ScriptCommand {}

    @Command(
            name = "java",
            description = "Runs a Java program with FineMem on its class path (script finemem).",
            mixinStandardHelpOptions = true)
    static final class Java extends ScriptCommand {}
}
