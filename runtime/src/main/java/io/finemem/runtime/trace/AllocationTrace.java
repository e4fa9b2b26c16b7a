package io.finemem.runtime.trace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one program allocated and freed, in order. Objects that are never freed are live at the end.
 *
 * @param name short name, for people
 * @param notes lines about the recording: program, machine, date
 * @param events the events; {@link TraceChecker} has the rules
 */
public record AllocationTrace(String name, List<String> notes, List<TraceEvent> events) {

    /**
     * Takes copies of the lists and checks them.
     *
     * @throws MalformedTrace if an event breaks a rule, or a note has a line break
     */
    public AllocationTrace {
        notes = List.copyOf(notes);
        events = List.copyOf(events);
        for (String note : notes) {
            if (!note.equals(note.strip()) || note.lines().count() > 1 || note.isEmpty()) {
                throw new MalformedTrace("a note of a trace is one stripped line", "trace", name, "note", note);
            }
        }
        TraceChecker checker = new TraceChecker();
        for (TraceEvent event : events) {
            String objection = checker.objection(event);
            if (objection != null) {
                throw new MalformedTrace(objection, "trace", name);
            }
        }
    }

    /** The same program without its longer objects; the others are numbered anew. */
    public AllocationTrace withObjectsUpTo(long bytes) {
        Map<Integer, Integer> numbers = new HashMap<>();
        List<TraceEvent> kept = new ArrayList<>();
        for (TraceEvent event : events) {
            if (event.bytes() <= bytes) {
                int number = numbers.computeIfAbsent(event.object(), object -> numbers.size() + 1);
                kept.add(new TraceEvent(event.micros(), event.kind(), number, event.bytes()));
            }
        }
        return kept.size() == events.size() ? this : new AllocationTrace(name, notes, kept);
    }

    /** Number of objects allocated. */
    public int objects() {
        return (int) events.stream()
                .filter(event -> event.kind() == TraceEvent.Kind.ALLOCATE)
                .count();
    }

    /** Microseconds from the first to the last event. */
    public long durationMicros() {
        return events.isEmpty() ? 0 : events.get(events.size() - 1).micros();
    }

    /** Most bytes live at a time. */
    public long peakBytes() {
        long live = 0;
        long peak = 0;
        for (TraceEvent event : events) {
            live += event.kind() == TraceEvent.Kind.ALLOCATE ? event.bytes() : -event.bytes();
            peak = Math.max(peak, live);
        }
        return peak;
    }
}
