package io.finemem.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.typesafe.config.ConfigFactory;
import io.finemem.api.MemoryNodeLost;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.spi.transport.Transports;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** An allocation service whose memory nodes are not there yet. */
@Timeout(60)
class ServiceStartTest {
    @TempDir
    Path directory;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private int port;

    @BeforeEach
    void setUp() throws IOException {
        PresharedSecret.create(directory.resolve("secret"));
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void tearDown() {
        logger().detachAppender(log);
        assertThat(socket()).doesNotExist();
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(OwnerSessions.class);
    }

    private Path socket() {
        return directory.resolve("run/service");
    }

    private FineMemConfig config(String startTimeout) {
        String text = "finemem { transport { name = shm, shm.directory = \"" + directory + "\" }\n secret-file = \""
                + directory.resolve("secret") + "\"\n memory-node { pool = 4MiB, listen.port = " + port
                + " }\n service { socket = \"" + socket() + "\", start-timeout = " + startTimeout
                + " }\n client { rejoin = 50ms, memory-nodes = [ { name = mn0, address = \"127.0.0.1:" + port
                + "\" } ] } }";
        return FineMemConfig.of(
                ConfigFactory.parseString(text), Transports.discover().providers());
    }

    private static ComputeNodeDaemon open(FineMemConfig config) {
        return ComputeNodeDaemon.open(config.service(), Transports.discover());
    }

    private List<String> logged() {
        return List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private void awaitWaiting() {
        await().until(() -> logged().stream().anyMatch(line -> line.contains("waiting for one")));
    }

    @Test
    void theFirstMemoryNodeIsWaitedForAndThatIsSaidOnce() throws Exception {
        FineMemConfig config = config("1m");
        CompletableFuture<ComputeNodeDaemon> opening = CompletableFuture.supplyAsync(() -> open(config));
        awaitWaiting();
        assertThat(socket()).doesNotExist();
        try (MemoryNodeDaemon node = MemoryNodeDaemon.open(config.memoryNode(), Transports.discover());
                ComputeNodeDaemon service = opening.get(30, TimeUnit.SECONDS)) {
            assertThat(service.memoryNodes()).containsExactly("mn0");
            assertThat(node.audit().violations()).isEmpty();
        }
        assertThat(logged())
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).contains("60 s", "finemem.service.start-timeout"))
                .anySatisfy(line -> assertThat(line).startsWith("memory node mn0 is left out until it answers: "));
    }

    @Test
    void whenItsTimeIsOverItIsAnErrorThatNamesTheMemoryNode() {
        for (String timeout : List.of("0", "100ms")) {
            FineMemConfig config = config(timeout);
            assertThatThrownBy(() -> open(config))
                    .isInstanceOf(MemoryNodeLost.class)
                    .hasMessageContaining("127.0.0.1:" + port + " does not answer");
        }
    }

    @Test
    void aThreadThatWaitsMayBeInterrupted() throws Exception {
        FineMemConfig config = config("1h");
        CompletableFuture<ComputeNodeDaemon> opening = new CompletableFuture<>();
        Thread opener = new Thread(() -> {
            try {
                opening.complete(open(config));
            } catch (MemoryNodeLost e) {
                opening.completeExceptionally(new CompletionException(Boolean.toString(Thread.interrupted()), e));
            }
        });
        opener.start();
        awaitWaiting();
        opener.interrupt();
        opener.join();
        assertThatThrownBy(opening::join).hasMessage("true").hasCauseInstanceOf(MemoryNodeLost.class);
    }
}
