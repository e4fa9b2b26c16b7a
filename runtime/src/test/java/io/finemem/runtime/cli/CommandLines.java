package io.finemem.runtime.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs several command lines one after the other in one process, which then has the surroundings that the test wants. Arguments: the
 * command lines, each begun by {@code --}. Prints {@code CODE TEXT} for each, with what it said on standard error.
 */
final class CommandLines {
    private CommandLines() {}

    /** Entry of the process. */
    public static void main(String[] arguments) {
        List<List<String>> lines = new ArrayList<>();
        for (String argument : arguments) {
            if (argument.equals("--")) {
                lines.add(new ArrayList<>());
            } else {
                lines.get(lines.size() - 1).add(argument);
            }
        }
        for (List<String> line : lines) {
            StringWriter err = new StringWriter();
            int code = FineMemCommand.execute(
                    new PrintWriter(new StringWriter()), new PrintWriter(err, true), line.toArray(String[]::new));
            System.out.println(code + " " + err.toString().strip().replace("\n", "\\n"));
        }
    }
}
