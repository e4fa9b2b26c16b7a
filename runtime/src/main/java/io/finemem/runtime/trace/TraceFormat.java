package io.finemem.runtime.trace;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Text form of a trace: comma-separated values under a heading.
 * <pre>
 * # finemem-trace 1
 * # any number of notes
 * time_us,operation,object,bytes
 * 0,a,1,8192
 * 17,a,2,4096
 * 950,f,1,8192
 * </pre>
 */
public final class TraceFormat {
    private static final String SIGNATURE = "# finemem-trace 1";
    private static final String HEADING = "time_us,operation,object,bytes";
    private static final int FIELDS = 4;

    private TraceFormat() {}

    /** The text form of a trace. */
    public static String print(AllocationTrace trace) {
        StringBuilder text = new StringBuilder(SIGNATURE).append('\n');
        for (String note : trace.notes()) {
            text.append("# ").append(note).append('\n');
        }
        text.append(HEADING).append('\n');
        for (TraceEvent event : trace.events()) {
            text.append(event.micros()).append(',').append(event.kind().letter());
            text.append(',').append(event.object()).append(',').append(event.bytes());
            text.append('\n');
        }
        return text.toString();
    }

    /**
     * Reads a trace to the end of {@code text}.
     *
     * @param name name of the trace
     * @param source file or resource, for errors
     * @throws MalformedTrace if the text is not a trace; the message starts with {@code source:line}
     */
    public static AllocationTrace parse(String name, String source, Reader text) {
        try (BufferedReader lines = new BufferedReader(text)) {
            return new Parser(source, lines).trace(name);
        } catch (IOException | UncheckedIOException e) {
            throw new MalformedTrace(e, source + " cannot be read: " + e.getMessage());
        }
    }

    private static final class Parser {
        private final String source;
        private final BufferedReader lines;
        private final TraceChecker checker = new TraceChecker();
        private int lineNumber;

        Parser(String source, BufferedReader lines) {
            this.source = source;
            this.lines = lines;
        }

        AllocationTrace trace(String name) throws IOException {
            String line = next();
            if (!SIGNATURE.equals(line)) {
                throw malformed("a trace starts with the line '" + SIGNATURE + "', not '" + line + "'");
            }
            List<String> notes = new ArrayList<>();
            for (line = next(); line != null && line.startsWith("# "); line = next()) {
                notes.add(line.substring(2).strip());
            }
            if (!HEADING.equals(line)) {
                throw malformed("the heading '" + HEADING + "' is expected, not '" + line + "'");
            }
            List<TraceEvent> events = new ArrayList<>();
            for (line = next(); line != null; line = next()) {
                events.add(event(line));
            }
            return new AllocationTrace(name, notes, events);
        }

        private @Nullable String next() throws IOException {
            lineNumber++;
            return lines.readLine();
        }

        private TraceEvent event(String line) {
            String[] fields = line.split(",", -1);
            if (fields.length != FIELDS) {
                throw malformed("an event has " + FIELDS + " fields, " + HEADING + ", not '" + line + "'");
            }
            TraceEvent event = new TraceEvent(
                    number("time_us", fields[0], Long.MAX_VALUE),
                    kind(fields[1]),
                    (int) number("object", fields[2], Integer.MAX_VALUE),
                    number("bytes", fields[3], Long.MAX_VALUE));
            String objection = checker.objection(event);
            if (objection != null) {
                throw malformed(objection);
            }
            return event;
        }

        private TraceEvent.Kind kind(String field) {
            for (TraceEvent.Kind kind : TraceEvent.Kind.values()) {
                if (field.length() == 1 && field.charAt(0) == kind.letter()) {
                    return kind;
                }
            }
            throw malformed("operation '" + field + "' is neither 'a' (allocate) nor 'f' (free)");
        }

        private long number(String heading, String field, long maximum) {
            boolean digits = !field.isEmpty() && field.chars().allMatch(c -> c >= '0' && c <= '9');
            try {
                long number = digits ? Long.parseLong(field) : -1;
                if (number >= 0 && number <= maximum) {
                    return number;
                }
                throw malformed(heading + " '" + field + "' is not a whole number from 0 to " + maximum);
            } catch (NumberFormatException e) {
                throw malformed(heading + " '" + field + "' is not a whole number from 0 to " + maximum);
            }
        }

        private MalformedTrace malformed(String what) {
            return new MalformedTrace(source + ":" + lineNumber + ": " + what);
        }
    }
}
