package io.finemem.runtime.trace.strace;

/**
 * A system call that returned.
 *
 * @param begunAt number of the log line on which it began
 * @param endedAt number of the log line on which it returned; the same if nothing came between
 * @param begunMicros time of the first of these lines in microseconds since the epoch
 * @param endedMicros time of the second
 * @param thread id of the calling thread
 * @param name name of the call
 * @param arguments text between the parentheses
 * @param result result, -1 or less if the call failed
 */
record SystemCall(
        int begunAt,
        int endedAt,
        long begunMicros,
        long endedMicros,
        int thread,
        String name,
        String arguments,
        long result) {

    boolean failed() {
        return result < 0;
    }

    /** Addresses are free for other threads once an unmap has begun, and taken once a map has ended. */
    boolean takesEffectWhenBegun() {
        return name.equals("munmap");
    }

    int position() {
        return takesEffectWhenBegun() ? begunAt : endedAt;
    }

    long micros() {
        return takesEffectWhenBegun() ? begunMicros : endedMicros;
    }

    /** One argument of a call whose arguments are plain words. */
    String argument(int index) {
        String[] words = arguments.split(", ");
        if (index >= words.length) {
            throw new MalformedLog(endedAt, name + " has fewer than " + (index + 1) + " arguments");
        }
        return words[index];
    }

    boolean hasArgument(int index) {
        return arguments.split(", ").length > index;
    }

    /** An argument that is an address or a length. */
    long number(int index) {
        return number(argument(index), endedAt);
    }

    /** Whether an argument, words joined by '|', has a word. */
    boolean has(int index, String flag) {
        return ("|" + argument(index) + "|").contains("|" + flag + "|");
    }

    static long number(String text, int line) {
        try {
            return text.equals("NULL") ? 0 : Long.decode(text);
        } catch (NumberFormatException e) {
            throw new MalformedLog(line, "'" + text + "' is not a number");
        }
    }
}
