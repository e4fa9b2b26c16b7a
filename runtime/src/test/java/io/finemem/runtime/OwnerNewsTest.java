package io.finemem.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.api.OwnerFenced;
import io.finemem.spi.coordination.Announcement;
import io.finemem.spi.coordination.ClusterEvent;
import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationFeature;
import io.finemem.spi.coordination.CoordinationUnavailable;
import io.finemem.spi.coordination.OwnerEntry;
import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerState;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.spi.transport.Transports;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** One memory node, and a directory that says what the test wants. */
@Timeout(60)
class OwnerNewsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration LEASE = Duration.ofSeconds(1);

    @TempDir
    private Path directory = Path.of(".");

    private final List<OwnerIdentity> declared = new ArrayList<>();
    private final AtomicInteger woken = new AtomicInteger();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private Transport transport;
    private MemoryNode node;
    private OwnerNews news;
    private boolean away;

    @BeforeEach
    void open() {
        log.start();
        root.addAppender(log);
        TransportSettings settings =
                TransportSettings.of("finemem.transport.shm", Map.of("directory", directory.toString()));
        transport =
                Transports.discover().choose("shm", name -> settings).provider().open(settings);
        MemoryNodeOptions options = MemoryNodeOptions.of("mn0", 2 << 20);
        node = MemoryNode.open(transport, options.withLease(LEASE));
        news = new OwnerNews(node, woken::incrementAndGet);
    }

    @AfterEach
    void close() {
        node.close();
        transport.close();
        root.detachAppender(log);
    }

    private boolean logged(String text) {
        return List.copyOf(log.list).stream()
                .anyMatch(event -> event.getFormattedMessage().contains(text));
    }

    private static OwnerEntry owner(String name, long incarnation, OwnerState state) {
        return new OwnerEntry(new OwnerIdentity(name, incarnation), state);
    }

    private static ClusterView view(OwnerEntry... owners) {
        TreeMap<Long, OwnerEntry> entries = new TreeMap<>();
        for (OwnerEntry owner : owners) {
            entries.put(owner.identity().incarnation(), owner);
        }
        return new ClusterView(1, new TreeMap<>(), entries, 0);
    }

    private void hearThatIsDead(String name) {
        ClusterView view = view(owner(name, 7, OwnerState.DEAD));
        news.changed(
                view,
                List.of(new ClusterEvent.OwnerChanged(
                        new OwnerIdentity(name, 7), Optional.of(OwnerState.LIVE), Optional.of(OwnerState.DEAD))));
    }

    private Coordination directoryWith(OwnerEntry... owners) {
        ClusterView view = view(owners);
        return (Coordination) Proxy.newProxyInstance(
                Coordination.class.getClassLoader(), new Class<?>[] {Coordination.class}, (self, method, arguments) -> {
                    return switch (method.getName()) {
                        case "features" -> Set.of(CoordinationFeature.OWNERS);
                        case "view" -> view;
                        case "declareDead" -> declare((OwnerIdentity) arguments[0]);
                        default -> throw new AssertionError("unexpected: " + method);
                    };
                });
    }

    private Announcement declare(OwnerIdentity owner) {
        if (away) {
            throw new CoordinationUnavailable("away");
        }
        declared.add(owner);
        return Announcement.RECORDED;
    }

    @Test
    void silentOwnerThatIsSaidToBeDeadIsFencedBeforeItsLeaseEnds() {
        try (MemoryNodeControl silent = node.newSession("silent")) {
            silent.register();
            hearThatIsDead("silent");

            await().atMost(LIMIT).until(() -> woken.get() == 1);
            assertThat(logged("(silent) is taken for dead: dead elsewhere, and no heartbeat here within half"))
                    .isTrue();
            assertThatThrownBy(() -> silent.heartbeat(0)).isInstanceOf(OwnerFenced.class);
        }
    }

    @Test
    void ownerThatLivesIsNotFencedWhateverADirectorySays() {
        try (MemoryNodeControl living = node.newSession("living");
                MemoryNodeControl silent = node.newSession("silent")) {
            living.register();
            silent.register();
            hearThatIsDead("living");
            hearThatIsDead("silent");
            await().atMost(LIMIT).pollInterval(Duration.ofMillis(20)).until(() -> {
                living.heartbeat(0);
                return woken.get() == 1;
            });

            living.heartbeat(0);
            assertThat(logged("(living) is taken for dead")).isFalse();
            await().atMost(LIMIT).until(() -> woken.get() == 2);
            assertThat(logged("(living) is taken for dead: no heartbeat within its lease"))
                    .as("its lease is whole again")
                    .isTrue();
        }
    }

    @Test
    void deathHereIsToldToTheDirectory() {
        dieAs("gone");
        news.tellDeaths(directoryWith(owner("other", 1, OwnerState.LIVE), owner("gone", 2, OwnerState.SUSPECT)));

        assertThat(declared).containsExactly(new OwnerIdentity("gone", 2));
    }

    @Test
    void deathOfOneOfSeveralWithTheSameNameIsToldToNobody() {
        dieAs("twin");
        news.tellDeaths(directoryWith(owner("twin", 1, OwnerState.LIVE), owner("twin", 2, OwnerState.LIVE)));

        assertThat(declared).isEmpty();
    }

    @Test
    void directoryThatIsAwayKeepsNobodyBusy() {
        away = true;
        dieAs("gone");
        news.tellDeaths(directoryWith(owner("gone", 2, OwnerState.LIVE)));
        away = false;
        news.tellDeaths(directoryWith(owner("gone", 2, OwnerState.LIVE)));

        assertThat(declared).isEmpty();
    }

    @Test
    void ownersThatLeaveOrEndWithTheNodeAreNotToldToBeDead() {
        MemoryNodeControl leaving = node.newSession("leaving");
        leaving.register();
        leaving.leave();
        leaving.close();
        node.newSession("staying").register();
        node.close();
        news.tellDeaths(directoryWith(owner("leaving", 1, OwnerState.LIVE), owner("staying", 2, OwnerState.LIVE)));

        assertThat(declared).isEmpty();
        assertThat(woken).hasValue(0);
    }

    private void dieAs(String name) {
        MemoryNodeControl session = node.newSession(name);
        session.register();
        session.close();
        await().atMost(LIMIT).until(() -> woken.get() == 1);
    }
}
