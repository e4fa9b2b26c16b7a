package io.finemem.runtime.trace;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks events in order against the rules of a trace: time does not run backwards, objects are numbered 1, 2, 3, ...
 * as they are allocated, an object is freed at most once and with its own length, lengths are whole pages.
 */
final class TraceChecker {
    private final Map<Integer, Long> liveBytesByObject = new HashMap<>();
    private long lastMicros;
    private int lastObject;

    /** What is wrong with the next event, or null if nothing is. */
    @Nullable
    String objection(TraceEvent event) {
        if (event.micros() < lastMicros) {
            return "time " + event.micros() + " is before that of the event above, " + lastMicros;
        }
        if (event.bytes() <= 0 || event.bytes() % TraceEvent.PAGE_BYTES != 0) {
            return "length " + event.bytes() + " is not a positive multiple of " + TraceEvent.PAGE_BYTES;
        }
        String objection = event.kind() == TraceEvent.Kind.ALLOCATE ? allocation(event) : free(event);
        lastMicros = event.micros();
        return objection;
    }

    private @Nullable String allocation(TraceEvent event) {
        if (event.object() - 1 != lastObject) {
            return "object " + event.object() + " is allocated where object " + (lastObject + 1) + " is next";
        }
        lastObject = event.object();
        liveBytesByObject.put(event.object(), event.bytes());
        return null;
    }

    private @Nullable String free(TraceEvent event) {
        Long bytes = liveBytesByObject.get(event.object());
        if (bytes == null) {
            String state = event.object() >= 1 && event.object() <= lastObject ? "freed already" : "not allocated";
            return "object " + event.object() + " is freed but was " + state;
        }
        if (bytes != event.bytes()) {
            return "object " + event.object() + " is freed with length " + event.bytes() + " but has " + bytes;
        }
        liveBytesByObject.remove(event.object());
        return null;
    }
}
