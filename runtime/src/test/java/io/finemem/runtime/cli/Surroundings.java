package io.finemem.runtime.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;

/** What a process can find around it: commands that set it up, and then execute what follows them. */
final class Surroundings {
    private static final String NEEDS_ROOT = "only root can mount a small file system, in a mount namespace of its own";

    private Surroundings() {}

    /**
     * A small file system of its own, which nobody else sees and which goes with the process.
     *
     * @param options such as {@code size=1m}
     * @param prepare shell commands that are run in it first
     */
    static List<String> mounted(Path at, String options, String prepare) {
        requireRoot(NEEDS_ROOT);
        String script = "mount -t tmpfs -o mode=700," + options + " finemem-test \"$0\"; cd \"$0\"; " + prepare
                + "; exec \"$@\"";
        return List.of("unshare", "--mount", "sh", "-ec", script, at.toString());
    }

    /** Every right over files is asked for: root's are taken away, for others there is nothing to do. */
    static List<String> withoutRootsRightsOverFiles() {
        return root() ? List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search") : List.of();
    }

    /** With CI=true whoever is not root does not skip, and fails. */
    static void requireRoot(String why) {
        assumeTrue(root() || "true".equals(System.getenv("CI")), why);
    }

    private static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }
}
