package io.finemem.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidConfiguration;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.ipc.EventFd;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.Limits;
import io.finemem.service.ipc.Opcode;
import io.finemem.service.ipc.Segment;
import io.finemem.service.ipc.SystemCallFailed;
import io.finemem.service.ipc.UnixSocket;
import io.finemem.service.server.AccessRules;
import io.finemem.service.server.AllocationService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Who gets through the service's door, how many of them, and what is left of them. */
@Timeout(60)
class ServiceSocketTest {
    private static final int STRANGER = 65_533;
    private static final int MAX_WAITING = 64;
    private static final int LINES_PER_SECOND = 20;

    @TempDir
    Path directory;

    private ComputeNode node(AccessRules rules) {
        return new ComputeNode(directory, Isolation.DIRECT, options -> options.withAccess(rules));
    }

    @Test
    void aMemberOfTheSocketsGroupGetsInAndAnotherUserDoesNot() throws Exception {
        assumeTrue(Limits.root(), "only root can act as another user");
        int group = 4711;
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ComputeNode node = node(new AccessRules(Set.of(0), Set.of(), "" + group))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(node.socket())))
                    .isEqualTo("rw-rw----");
            assertThat(Files.getAttribute(node.socket(), "unix:gid")).isEqualTo(group);
            assertThat(Files.getAttribute(node.socket().getParent(), "unix:gid"))
                    .isEqualTo(group);

            Frame answer = Limits.asMember(STRANGER, group, () -> {
                try (RawClient member = new RawClient(node.socket(), 1)) {
                    return member.answer();
                }
            });
            assertThat(answer).isInstanceOf(Frame.Welcome.class);
            assertThatThrownBy(() -> Limits.asUser(STRANGER, () -> UnixSocket.connected(node.socket())))
                    .hasMessageContaining("Permission denied");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            nosuchgroup | there is no group nosuchgroup for the service's socket; set finemem.service.group to one
            """)
    void aGroupThatDoesNotExistIsRefusedAndNothingIsLeft(String group, String message) throws Exception {
        assertThatThrownBy(() -> node(new AccessRules(Set.of(), Set.of(), group)))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(message);
        assertThat(ComputeNode.socket(directory)).doesNotExist();
    }

    @Test
    void aFileInTheSocketsPlaceIsLeftAsItIs() throws Exception {
        Path file = ComputeNode.socket(directory);
        Files.createDirectories(file.getParent());
        Files.setPosixFilePermissions(file.getParent(), PosixFilePermissions.fromString("rwx------"));
        Files.writeString(file, "precious");
        assertThatThrownBy(() -> node(AccessRules.ownUser()))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("finemem.service.socket");
        assertThat(file).hasContent("precious");
    }

    @Test
    void silentPeersOfOneUserKeepNoOtherUserOut() throws Exception {
        assumeTrue(Limits.root(), "only root can act as another user");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Deque<UnixSocket> silent = new ArrayDeque<>();
        try (ComputeNode node = node(new AccessRules(Set.of(0, STRANGER), Set.of(), "" + STRANGER))) {
            try (UnixSocket first = UnixSocket.connected(node.socket())) {
                Limits.asUser(STRANGER, () -> {
                    for (int i = 0; i < 3 * MAX_WAITING; i++) {
                        silent.add(connected(node.socket()));
                    }
                    return silent;
                });
                try (RawClient honest = new RawClient(first, 1)) {
                    assertThat(honest.answer()).isInstanceOf(Frame.Welcome.class);
                }
            }
        } finally {
            silent.forEach(UnixSocket::close);
        }
    }

    /** Waits while as many wait to be accepted as may. */
    private static UnixSocket connected(Path socket) throws SystemCallFailed {
        while (true) {
            try {
                return UnixSocket.connected(socket);
            } catch (SystemCallFailed e) {
                assertThat(e.errno()).isEqualTo(SystemCallFailed.EAGAIN);
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aStormOfBadSessionsIsAFewLinesInTheLogAndASummary() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(AllocationService.class.getPackageName());
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        logger.setAdditive(false);
        long begin = System.nanoTime();
        int storm = 500;
        try (ComputeNode node = new ComputeNode(directory)) {
            for (int i = 0; i < storm; i++) {
                try (RawClient client = new RawClient(node.socket(), 1)) {
                    Segment.open(client.memory(), 1).mailbox(0).publish(2, Opcode.PING, 0, 0);
                    client.ring();
                    client.receive();
                }
            }
            node.client().close();
        } finally {
            logger.detachAppender(log);
            logger.setAdditive(true);
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin) + 1;
        List<String> lines = log.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> !line.startsWith("allocation service at"))
                .toList();
        assertThat(lines).hasSizeLessThanOrEqualTo((int) (seconds + 1) * (LINES_PER_SECOND + 1));
        assertThat(lines).anyMatch(line -> line.matches("\\d+ more lines like the last ones were left out"));
        assertThat(lines).anyMatch(line -> line.contains("is ended: a mailbox skipped requests"));
    }

    @Test
    void aServiceThatCannotStartLeavesNothingOpen() throws Exception {
        int failed = 0;
        try (ComputeNode node = new ComputeNode(directory)) {
            node.service().close();
            node.secondService().close(); // loads what it needs
            long before = descriptors();
            for (int left = 0; left < 12; left++) {
                failed += startWith(node, left) ? 0 : 1;
                assertThat(descriptors()).as("with %d descriptors left", left).isEqualTo(before);
                assertThat(threads("finemem-(gate|serving|courier).*")).isZero();
            }
            try (AllocationService again = node.secondService();
                    ServiceMemory memory = node.client()) {
                memory.allocate(4096).close();
                assertThat(again.sessions()).isEqualTo(1);
            }
        }
        assertThat(failed).isBetween(3, 11);
    }

    /** Whether the service starts with so many descriptors left. */
    private static boolean startWith(ComputeNode node, int left) throws Exception {
        List<EventFd> all = new ArrayList<>();
        try (Limits limit = Limits.ofDescriptors(512)) {
            assertThat(limit).isNotNull();
            exhaust(all);
            for (int i = 0; i < left; i++) {
                all.remove(all.size() - 1).close();
            }
            node.secondService().close();
            return true;
        } catch (FineMemException e) {
            assertThat(e)
                    .hasMessageMatching("(?s)the (allocation service cannot start|service's socket cannot be made).*");
            return false;
        } finally {
            all.forEach(EventFd::close);
        }
    }

    private static void exhaust(List<EventFd> all) {
        try {
            while (true) {
                all.add(new EventFd());
            }
        } catch (SystemCallFailed e) {
            assertThat(e.outOfDescriptors()).isTrue();
        }
    }

    private static long descriptors() throws Exception {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    private static long threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches(name))
                .count();
    }
}
