package io.finemem.runtime.cli;

import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** How failures are told: one line per cause on stderr, never a stack trace unless it is asked for. */
final class Failures {
    private Failures() {}

    static int wrongUsage(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        String hint = suggestion(e);
        command.getErr().println(name + ": " + oneLine(e.getMessage()) + hint + " (see " + name + " --help)");
        return FineMemCommand.USAGE;
    }

    static int failed(Exception e, CommandLine command, ParseResult parsed) {
        String name = command.getCommandSpec().qualifiedName();
        List<String> lines = lines(e).stream().map(line -> name + ": " + line).toList();
        FineMemCommand finemem = FineMemCommand.of(command);
        JsonLines json = finemem.jsonLog();
        if (json != null) {
            lines.forEach(line -> json.printFailure(command, line, finemem.verbose() ? e : null));
            return exitCode(e);
        }
        PrintWriter err = command.getErr();
        lines.forEach(err::println);
        if (finemem.verbose()) {
            e.printStackTrace(err);
        }
        return exitCode(e);
    }

    /** What the JVM cannot do; nothing else is left to it than to say so. */
    static int failed(Error e, PrintWriter err) {
        err.println("finemem: "
                + (e instanceof OutOfMemoryError
                        ? "the memory of the Java process is used up (" + oneLine(String.valueOf(e.getMessage()))
                                + "); give it more: JAVA_TOOL_OPTIONS=-Xmx4g finemem ..."
                        : "failed by a defect: " + oneLine(e.toString())));
        return FineMemCommand.FAILURE;
    }

    static int exitCode(Exception e) {
        boolean byUser = e instanceof FineMemException failure && failure.code().category() == ErrorCode.Category.USER;
        return byUser ? FineMemCommand.USAGE : FineMemCommand.FAILURE;
    }

    private static List<String> lines(Exception e) {
        if (e instanceof FineMemException) {
            return String.valueOf(e.getMessage()).lines().toList();
        }
        return List.of("failed by a defect: " + oneLine(e.toString()) + "; --verbose shows where");
    }

    private static String suggestion(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched) {
            List<String> suggestions = unmatched.getSuggestions();
            return suggestions.isEmpty() ? "" : "; did you mean " + suggestions.get(0) + "?";
        }
        return "";
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ").trim();
    }
}
