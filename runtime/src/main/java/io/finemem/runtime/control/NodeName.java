package io.finemem.runtime.control;

import java.util.regex.Pattern;

/** What a memory node or one of its peers may be called: safe to log, to compare and to put on a command line. */
public final class NodeName {
    /** Longest name in characters, all of them ASCII. */
    public static final int MAX_LENGTH = 64;
    /** The rule in words. */
    public static final String ALLOWED =
            "1 to " + MAX_LENGTH + " letters, digits and . _ : @ - that begin with a letter or a digit";

    private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@-]{0," + (MAX_LENGTH - 1) + "}");

    private NodeName() {}

    /** Whether the text is a name. */
    public static boolean valid(String text) {
        return PATTERN.matcher(text).matches();
    }
}
