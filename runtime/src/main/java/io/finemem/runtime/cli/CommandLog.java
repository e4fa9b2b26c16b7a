package io.finemem.runtime.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import io.finemem.runtime.config.LogConfig;
import java.util.Iterator;
import org.slf4j.LoggerFactory;

/** Sets up the log of the command line as it is configured. */
final class CommandLog {
    private CommandLog() {}

    /** @param verbose whether details are wanted, whatever is configured */
    static void set(LogConfig config, boolean verbose) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.getLogger("io.finemem")
                    .setLevel(
                            verbose ? Level.DEBUG : Level.valueOf(config.level().name()));
            if (config.format() == LogConfig.Format.JSON) {
                writeJson(context);
            }
        }
    }

    private static void writeJson(LoggerContext context) {
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        for (Iterator<Appender<ILoggingEvent>> all = root.iteratorForAppenders(); all.hasNext(); ) {
            if (all.next() instanceof ConsoleAppender<ILoggingEvent> console) {
                console.stop();
                console.setEncoder(encoder(context));
                console.start();
            }
        }
    }

    /** Arguments are left out: they are in the message, and an object must not be written in another way than it was logged. */
    private static JsonEncoder encoder(LoggerContext context) {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setContext(context);
        encoder.setWithFormattedMessage(true);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithContext(false);
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithMDC(false);
        encoder.start();
        return encoder;
    }
}
