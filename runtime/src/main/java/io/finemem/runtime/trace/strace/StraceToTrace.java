package io.finemem.runtime.trace.strace;

import io.finemem.runtime.trace.AllocationTrace;
import io.finemem.runtime.trace.TraceEvent;
import io.finemem.runtime.trace.TraceFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Program behind {@code scripts/record-trace}: turns an strace log into a trace. */
public final class StraceToTrace {
    private final List<TraceEvent> events = new ArrayList<>();
    private final Map<Release, List<TraceEvent>> objectsByRelease = new HashMap<>();
    private long firstMicros;
    private long lastMicros;
    private int lastObject;

    private StraceToTrace() {}

    /** Arguments: name of the trace, file to write, strace log, notes. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 3) {
            System.err.println("usage: StraceToTrace NAME TRACE_FILE STRACE_LOG [NOTE...]");
            System.exit(2);
        }
        List<String> notes = Arrays.asList(arguments).subList(3, arguments.length);
        AllocationTrace trace = convert(arguments[0], notes, Files.readAllLines(Path.of(arguments[2])));
        Files.writeString(Path.of(arguments[1]), TraceFormat.print(trace));
        long frees = trace.events().size() - trace.objects();
        System.out.printf(
                "%s: %d objects, %d freed, peak %d KiB, %.3f s%n",
                arguments[1], trace.objects(), frees, trace.peakBytes() / 1024, trace.durationMicros() / 1e6);
    }

    /** The trace of the first process in the log. */
    static AllocationTrace convert(String name, List<String> notes, Iterable<String> log) {
        AddressSpace space = new AddressSpace();
        StraceLog.read(log).forEach(space::apply);
        StraceToTrace conversion = new StraceToTrace();
        for (Moment moment : space.moments()) {
            if (moment instanceof Allocation allocation) {
                conversion.allocate(allocation);
            } else if (moment instanceof Release release) {
                conversion.free(release);
            }
        }
        return new AllocationTrace(name, notes, conversion.events);
    }

    private void allocate(Allocation allocation) {
        for (Allocation.Piece piece : allocation.pieces()) {
            TraceEvent event = add(allocation, TraceEvent.Kind.ALLOCATE, ++lastObject, piece.bytes());
            if (piece.release() != null) {
                objectsByRelease
                        .computeIfAbsent(piece.release(), release -> new ArrayList<>())
                        .add(event);
            }
        }
    }

    private void free(Release release) {
        for (TraceEvent object : objectsByRelease.getOrDefault(release, List.of())) {
            add(release, TraceEvent.Kind.FREE, object.object(), object.bytes());
        }
    }

    /** The clock of the recording may have been set back; the trace's does not run backwards. */
    private TraceEvent add(Moment moment, TraceEvent.Kind kind, int object, long bytes) {
        if (events.isEmpty()) {
            firstMicros = moment.micros();
        }
        lastMicros = Math.max(lastMicros, moment.micros() - firstMicros);
        TraceEvent event = new TraceEvent(lastMicros, kind, object, bytes);
        events.add(event);
        return event;
    }
}
