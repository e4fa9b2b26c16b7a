package io.finemem.runtime.demo;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Log of the children, to standard error: as the parent's if that is verbose, problems only otherwise. */
public final class ChildLog {
    private static final String CONFIGURATION = "logback.configurationFile";
    private static final String LEVEL = "finemem.demo.log-level";
    private static final String LOGGER = "io.finemem";

    private ChildLog() {}

    /** Flags for a child's command line; the last one of a name counts. */
    public static List<String> flags() {
        return flags(Level.WARN);
    }

    /** The same with another level, unless the parent is verbose: where deaths are the rule they are no news. */
    public static List<String> flags(Level quiet) {
        boolean verbose = LoggerFactory.getLogger(LOGGER).isDebugEnabled();
        return List.of(
                "-D" + CONFIGURATION + "=" + System.getProperty(CONFIGURATION, "finemem-logback.xml"),
                "-D" + LEVEL + "=" + (verbose ? Level.DEBUG : quiet));
    }

    /** In a child: sets the level. */
    public static void setUp() {
        set(Level.toLevel(System.getProperty(LEVEL), Level.WARN));
    }

    /** In a child that is being ended: that its peers go too is no news. */
    public static void silence() {
        if (!LoggerFactory.getLogger(LOGGER).isDebugEnabled()) {
            set(Level.OFF);
        }
    }

    private static void set(Level level) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.getLogger(LOGGER).setLevel(level);
        }
    }
}
