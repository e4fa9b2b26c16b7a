package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What a memory node does when the operating system grants it no thread. */
@Timeout(60)
class ThreadShortageTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final ControlLimits LIMITS = new ControlLimits(4, 4, 100, LONG, LONG);
    private static final ControlTimeouts TIMEOUTS = new ControlTimeouts(LONG, LONG, LONG);

    @Test
    void aConnectionWithoutAThreadIsRefusedWithOneLineAndTheNextOnesAreServed() {
        PresharedSecret secret = PresharedSecret.random();
        FakeMemoryNode node = new FakeMemoryNode();
        AtomicBoolean shortage = new AtomicBoolean(true);
        Logger logger = (Logger) LoggerFactory.getLogger(ControlServer.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.list = new CopyOnWriteArrayList<>();
        log.start();
        logger.addAppender(log);
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (ControlServer server =
                ControlServer.start(anyPort, LIMITS, secret, node::newSession, task -> thread(task, shortage))) {
            for (int i = 0; i < LIMITS.maxSessions(); i++) { // the first is refused, and tries again
                try (ControlClient client = ControlClient.connect(server.address(), secret, "app", TIMEOUTS)) {
                    assertThat(client.describe()).isEqualTo(FakeMemoryNode.POOL);
                }
            }
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list)
                .filteredOn(line -> line.getLevel() == Level.WARN)
                .singleElement()
                .extracting(ILoggingEvent::getFormattedMessage)
                .asString()
                .contains("no thread for it", "unable to create native thread", "ulimit -u");
    }

    /** As the JDK's thread when the system refuses. */
    private static Thread thread(Runnable task, AtomicBoolean shortage) {
        return new Thread(task) {
            @Override
            public synchronized void start() {
                if (shortage.getAndSet(false)) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                setDaemon(true);
                super.start();
            }
        };
    }
}
