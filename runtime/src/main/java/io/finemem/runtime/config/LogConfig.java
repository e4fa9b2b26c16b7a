package io.finemem.runtime.config;

import com.typesafe.config.Config;
import java.util.List;

/**
 * The log of the command line.
 *
 * @param level what is logged
 * @param format how
 */
public record LogConfig(Level level, Format format) {
    /** As without a configuration. */
    static final LogConfig USUAL = new LogConfig(Level.INFO, Format.TEXT);

    /** What is logged. */
    public enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    /** How an event is written. */
    public enum Format {
        /** A line for people. */
        TEXT,
        /** A line of JSON. */
        JSON
    }

    static LogConfig read(Config config, ConfigMistakes mistakes) {
        ConfigReader reader = new ConfigReader(config, mistakes);
        return new LogConfig(
                reader.choice(FineMemConfig.ROOT + ".log-level", List.of(Level.values())),
                reader.choice(FineMemConfig.ROOT + ".log-format", List.of(Format.values())));
    }
}
