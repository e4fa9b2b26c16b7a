package io.finemem.runtime.trace;

/**
 * One step of a recorded program.
 *
 * @param micros microseconds since the first event, 0 or more
 * @param kind what happened
 * @param object number of the object, 1 for the first one allocated, then 2, and so on
 * @param bytes length of the object, a multiple of {@link #PAGE_BYTES}; the same when it is allocated and when it is
 * freed
 */
public record TraceEvent(long micros, Kind kind, int object, long bytes) {
    /** Lengths are whole pages of the recorded machine. */
    public static final int PAGE_BYTES = 4096;

    /** What a program does with an object. */
    public enum Kind {
        /** The object comes into being. */
        ALLOCATE('a'),
        /** The object goes, as a whole. */
        FREE('f');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }

        /** The letter in the text form. */
        public char letter() {
            return letter;
        }
    }
}
