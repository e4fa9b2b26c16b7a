package io.finemem.runtime.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.finemem.runtime.control.NodeName;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * Events of the log as one JSON object per line, with the name of this process; what a command prints beside its log can be written in
 * the same way. An exception is a part of its event, and stays in the line.
 */
final class JsonLines extends JsonEncoder {
    private static final byte OBJECT = '{';

    private final LoggerContext context;
    private final byte[] start;

    /** @param node name of this process, a {@linkplain NodeName#valid valid} one */
    JsonLines(LoggerContext context, String node) {
        if (!NodeName.valid(node)) {
            throw new IllegalArgumentException(node + " is no name");
        }
        this.context = context;
        this.start = ("{\"node\":\"" + node + "\",").getBytes(StandardCharsets.US_ASCII);
        setContext(context);
        setWithFormattedMessage(true);
        setWithMessage(false);
        // They are in the message, and an object must not be written in another way than it was logged.
        setWithArguments(false);
        setWithContext(false);
        setWithSequenceNumber(false);
        setWithNanoseconds(false);
        setWithMDC(false);
        start();
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        byte[] line = super.encode(event);
        if (line.length < 2 || line[0] != OBJECT) {
            throw new IllegalStateException("an event that is no JSON object");
        }
        byte[] named = new byte[start.length + line.length - 1];
        System.arraycopy(start, 0, named, 0, start.length);
        System.arraycopy(line, 1, named, start.length, line.length - 1);
        return named;
    }

    private String line(Level level, String logger, String message, @Nullable Throwable cause) {
        Logger from = context.getLogger(logger);
        return new String(
                encode(new LoggingEvent(Logger.FQCN, from, level, message, cause, new Object[0])),
                StandardCharsets.UTF_8);
    }

    /** Prints a line of a daemon's standard output, in JSON if the log is. */
    static void print(CommandLine command, String line) {
        PrintWriter out = command.getOut();
        JsonLines json = FineMemCommand.of(command).jsonLog();
        out.print(json == null ? line + System.lineSeparator() : json.line(Level.INFO, logger(command), line, null));
        out.flush();
    }

    /**
     * Prints a line of a failure to standard error.
     *
     * @param cause to show where it came from
     */
    void printFailure(CommandLine command, String line, @Nullable Throwable cause) {
        PrintWriter err = command.getErr();
        err.print(line(Level.ERROR, logger(command), line, cause));
        err.flush();
    }

    private static String logger(CommandLine command) {
        return command.getCommandSpec().userObject().getClass().getName();
    }
}
