package io.finemem.runtime.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import io.finemem.runtime.config.LogConfig;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Sets up the log of the command line as it is configured. */
final class CommandLog {
    private CommandLog() {}

    /**
     * Sets it up.
     *
     * @param verbose whether details are wanted, whatever is configured
     * @param node name of this process
     * @return how other lines are to be written; null as text
     */
    static @Nullable JsonLines set(LogConfig config, boolean verbose, String node) {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return null;
        }
        context.getLogger("io.finemem")
                .setLevel(verbose ? Level.DEBUG : Level.valueOf(config.level().name()));
        if (config.format() != LogConfig.Format.JSON) {
            return null;
        }
        JsonLines json = new JsonLines(context, node);
        write(context, json);
        return json;
    }

    private static void write(LoggerContext context, JsonLines json) {
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        for (Iterator<Appender<ILoggingEvent>> all = root.iteratorForAppenders(); all.hasNext(); ) {
            if (all.next() instanceof ConsoleAppender<ILoggingEvent> console) {
                console.stop();
                console.setEncoder(json);
                console.start();
            }
        }
    }
}
