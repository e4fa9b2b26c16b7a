package io.finemem.spi.coordination;

import io.finemem.api.InvalidRequest;
import java.util.regex.Pattern;

/**
 * Form of the names of memory nodes, owners and barriers: short, and without characters that a directory could trip
 * over.
 */
public final class MemberName {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9\\[][A-Za-z0-9._:@\\[\\]-]{0,63}");

    private MemberName() {}

    /**
     * Gives the name back if it has the form.
     *
     * @param what whose name it is, for the message
     * @throws InvalidRequest if it has another form
     */
    public static String check(String name, String what) {
        if (!FORM.matcher(name).matches()) {
            throw new InvalidRequest(
                    "the name of " + what + " must have 1 to 64 characters of A-Z a-z 0-9 . _ : @ - and begin"
                            + " with a letter or digit",
                    "name",
                    name);
        }
        return name;
    }
}
