package io.finemem.runtime.soak.system;

/**
 * How far an application says it is, counted from its start.
 *
 * @param operations allocations and frees that succeeded
 * @param sessions sessions that it opened because one before was lost
 * @param lostBlocks blocks that ended with a typed error because what held them was lost
 * @param failed allocations that ended with a typed error
 */
record Progress(long operations, long sessions, long lostBlocks, long failed) {
    static final Progress NONE = new Progress(0, 0, 0, 0);
    static final String WORD = "at";

    /** With what begins the line that an application says; the longest pause since the line before follows. */
    String line(long pauseMillis) {
        return String.join(
                " ",
                WORD,
                Long.toString(operations),
                Long.toString(sessions),
                Long.toString(lostBlocks),
                Long.toString(failed),
                Long.toString(pauseMillis));
    }

    static Progress of(String line) {
        String[] words = line.split(" ");
        return new Progress(number(words, 1), number(words, 2), number(words, 3), number(words, 4));
    }

    static long pauseMillis(String line) {
        return number(line.split(" "), 5);
    }

    private static long number(String[] words, int index) {
        return Long.parseLong(words[index]);
    }

    Progress plus(Progress other) {
        return new Progress(
                operations + other.operations,
                sessions + other.sessions,
                lostBlocks + other.lostBlocks,
                failed + other.failed);
    }
}
