package io.finemem.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.finemem.allocator.control.Isolation;
import io.finemem.api.ErrorCode;
import io.finemem.api.RemoteBlock;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.Limits;
import io.finemem.service.ipc.Mailbox;
import io.finemem.service.ipc.Opcode;
import io.finemem.service.ipc.Segment;
import io.finemem.service.server.ServiceOptions;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ProtectionDomain;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an application tries with what belongs to another one. */
@Timeout(60)
class ForeignSessionTest {
    private static final int GENERATIONS = 8;
    private static final int SLOTS = 16;

    @TempDir
    Path directory;

    /** One request and its answer: the error's number, or 0. */
    private static final class Asker {
        private final RawClient client;
        private final Mailbox mailbox;
        private int sequence;

        Asker(RawClient client) {
            this.client = client;
            this.mailbox = Segment.open(client.memory(), 1).mailbox(0);
        }

        int ask(int opcode, long handle, int count, long argument) throws IOException {
            mailbox.putRequestWord(0, handle);
            mailbox.publish(++sequence, opcode, count, argument);
            client.socket().send(FrameCodec.encode(new Frame.Bell()));
            await().pollInterval(Duration.ofMillis(1))
                    .pollDelay(Duration.ZERO)
                    .until(() -> mailbox.responseSequence() == sequence);
            return mailbox.code();
        }
    }

    /** S6. */
    @ParameterizedTest
    @EnumSource
    void handlesOfAnotherSessionNameNothingAndNoHandleFreesTwice(Isolation isolation) throws Exception {
        try (ComputeNode node = new ComputeNode(directory, isolation, options -> options);
                ServiceMemory honest = node.client();
                RawClient first = new RawClient(node.socket(), 1);
                RawClient second = new RawClient(node.socket(), 1)) {
            RemoteBlock block = honest.allocate(4096);
            block.fetchAdd(0, 77);
            Asker victim = new Asker(first);
            assertThat(victim.ask(Opcode.ALLOCATE, 0, 1, 4096)).isZero();
            long handle = victim.mailbox.record(0).handle();
            Asker thief = new Asker(second);

            List<Long> guesses = new ArrayList<>(List.of(handle, handle + 1, 0L, -1L, Long.MIN_VALUE));
            for (long generation = 0; generation < GENERATIONS; generation++) {
                for (long slot = 0; slot < SLOTS; slot++) {
                    guesses.add(generation << Integer.SIZE | slot);
                }
            }
            for (long guess : guesses) {
                assertThat(thief.ask(Opcode.FREE, guess, 1, 0)).isEqualTo(ErrorCode.INVALID_REQUEST.number());
                assertThat(thief.ask(Opcode.KEYS, guess, 1, 0)).isEqualTo(ErrorCode.INVALID_REQUEST.number());
            }
            assertThat(thief.mailbox.text()).startsWith("the application holds no such block");
            assertThat(node.usedChunks()).isEqualTo(2);

            assertThat(victim.ask(Opcode.FREE, handle, 1, 0)).isZero();
            assertThat(victim.ask(Opcode.FREE, handle, 1, 0)).isEqualTo(ErrorCode.INVALID_REQUEST.number());
            assertThat(victim.mailbox.text()).contains("or freed it already");
            assertThat(block.fetchAdd(0, 0)).isEqualTo(77);
            node.awaitRevocations();
            assertThat(node.usedChunks()).isEqualTo(1);
        }
    }

    /** S17. */
    @Test
    void dataConnectionsBeyondTheLimitAreRefusedAndOthersGetTheirs() throws Exception {
        int limit = 3;
        try (ComputeNode node = new ComputeNode(directory, Isolation.DIRECT, options -> limited(options, limit));
                ProtectionDomain domain = node.transport().newDomain();
                RawClient greedy = new RawClient(node.socket(), 1);
                ServiceMemory honest = node.client()) {
            List<Connection> ends = new ArrayList<>();
            for (int i = 1; i <= limit + 1; i++) {
                ends.add(domain.newConnection(new ConnectionOptions("mn0", 1, Set.of())));
                greedy.socket()
                        .send(FrameCodec.encode(
                                new Frame.Connect(i, 0, ends.get(i - 1).descriptor())));
                Frame answer = FrameCodec.decode(greedy.receive().bytes());
                if (i <= limit) {
                    assertThat(answer).isInstanceOf(Frame.Connected.class);
                } else {
                    assertThat(answer)
                            .isEqualTo(new Frame.Failed(
                                    i,
                                    ErrorCode.QUOTA_EXCEEDED.number(),
                                    "the application has all the data connections that it may have [limit=3]"));
                }
            }
            try (RemoteBlock block = honest.allocate(4096)) {
                assertThat(block.fetchAdd(0, 1)).isNotNegative();
            }
            ends.forEach(Connection::close);
        }
    }

    private static ServiceOptions limited(ServiceOptions all, int connections) {
        return new ServiceOptions(
                all.socket(),
                all.access(),
                all.quotas(),
                all.labels(),
                all.applications(),
                all.mailboxes(),
                connections,
                all.threads(),
                all.processors(),
                all.spin(),
                all.requestTimeout(),
                all.reattachGrace());
    }

    /** S16. */
    @Test
    void segmentHasNoNameAndNoOtherUserOpensItThroughProc() throws Exception {
        List<String> before = names();
        try (ComputeNode node = new ComputeNode(directory);
                RawClient client = new RawClient(node.socket(), 1)) {
            assertThat(names().stream().filter(name -> !before.contains(name)))
                    .noneMatch(name -> name.contains("service") || name.contains("session"));
            Path fd = Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + Limits.numberOf(client.segment()));
            assertThat(Files.readSymbolicLink(fd).toString()).startsWith("/memfd:");
            assumeTrue(Limits.root(), "only root can start a process of another user");
            assertThat(asNobody("head -c 8 " + fd)).contains("Permission denied");
            assertThat(asNobody("head -c 8 /proc/" + ProcessHandle.current().pid() + "/mem"))
                    .contains("Permission denied");
        }
    }

    /** S15. */
    @Test
    void anotherUserDoesNotEvenReachTheSocket() throws Exception {
        assumeTrue(Limits.root(), "only root can start a process of another user");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ComputeNode node = new ComputeNode(directory)) {
            assertThat(asNobody("stat " + node.socket())).contains("Permission denied");
            Files.setPosixFilePermissions(directory.resolve("run"), PosixFilePermissions.fromString("rwxr-xr-x"));
            assertThat(asNobody("test -w " + node.socket() + " || echo 'not writable'"))
                    .contains("not writable");
        }
    }

    private static List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static String asNobody(String command) throws IOException {
        Process process = new ProcessBuilder(
                        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", command)
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** What a session is given to see is its own segment: its block's coordinates are not in that of another. */
    @Test
    void rkeysOfOneSessionAreNotInTheSegmentOfAnother() throws Exception {
        try (ComputeNode node = new ComputeNode(directory, Isolation.STRICT, options -> options);
                RawClient first = new RawClient(node.socket(), 1);
                RawClient second = new RawClient(node.socket(), 1)) {
            Asker victim = new Asker(first);
            assertThat(victim.ask(Opcode.ALLOCATE, 0, 1, 4096)).isZero();
            long address = victim.mailbox.record(0).address();
            assertThat(address).isNotZero();
            new Asker(second).ask(Opcode.PING, 0, 0, 0);
            assertThat(holds(first.memory(), address)).isTrue();
            assertThat(holds(second.memory(), address)).isFalse();
        }
    }

    private static boolean holds(ByteBuffer memory, long word) {
        ByteBuffer words = memory.duplicate().order(java.nio.ByteOrder.nativeOrder());
        for (int at = 0; at + Long.BYTES <= words.capacity(); at += Long.BYTES) {
            if (words.getLong(at) == word) {
                return true;
            }
        }
        return false;
    }
}
