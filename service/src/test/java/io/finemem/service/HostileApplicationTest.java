package io.finemem.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.ErrorCode;
import io.finemem.api.RemoteBlock;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.ipc.EventFd;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.Limits;
import io.finemem.service.ipc.Opcode;
import io.finemem.service.ipc.Segment;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.ipc.StolenSocket;
import io.finemem.service.ipc.SystemCallFailed;
import io.finemem.service.ipc.UnixSocket;
import io.finemem.service.server.AllocationService;
import io.finemem.service.server.Quota;
import io.finemem.service.server.Quotas;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What an application may try; the others must not feel it. */
@Timeout(120)
class HostileApplicationTest {
    private static final long FUZZ_SECONDS = Long.getLong("finemem.fuzz.seconds", System.getenv("CI") == null ? 3 : 10);

    private static final int LIMIT = 512;

    @TempDir
    Path directory;

    @Test
    void anyBytesInItsOwnSegmentHarmNobodyElse() throws Exception {
        long seed = Long.getLong("finemem.seed", System.nanoTime());
        System.out.println("seed " + seed);
        Quotas quotas =
                new Quotas(Quota.UNLIMITED, java.util.Map.of("raw", new Quota(1 << 20, 64)), java.util.Map.of());
        try (ComputeNode node = new ComputeNode(directory, Isolation.DIRECT, options -> options.withQuotas(quotas));
                ServiceMemory honest = node.client()) {
            AtomicBoolean stop = new AtomicBoolean();
            CompletableFuture<Long> work = CompletableFuture.supplyAsync(() -> workUntil(honest, stop));
            long sessions = scribble(node, new SplittableRandom(seed));
            stop.set(true);
            assertThat(work.get(30, TimeUnit.SECONDS)).isGreaterThan(100);
            assertThat(sessions).as("sessions that the service ended").isGreaterThan(10);
            node.awaitSessions(1);
            assertThat(node.usedChunks()).as("seed %d", seed).isZero();
        }
    }

    /** Blocks of the honest one keep their bytes. */
    private static long workUntil(ServiceMemory memory, AtomicBoolean stop) {
        long rounds = 0;
        for (; !stop.get(); rounds++) {
            try (RemoteBlock block = memory.allocate(4096)) {
                long word = block.fetchAdd(0, rounds);
                assertThat(block.fetchAdd(0, 0)).isEqualTo(word + rounds);
            }
        }
        return rounds;
    }

    private static long scribble(ComputeNode node, SplittableRandom random) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(FUZZ_SECONDS);
        long sessions = 0;
        for (; System.nanoTime() - end < 0; sessions++) {
            try (RawClient client = new RawClient(node.socket(), 4)) {
                Segment segment = Segment.open(client.memory(), 4);
                int[] sequences = new int[4];
                for (int i = 0; i < 2000 && System.nanoTime() - end < 0; i++) {
                    if (random.nextInt(200) == 0) {
                        garble(client.memory(), random);
                    } else {
                        askAnything(segment, sequences, random);
                    }
                    if (!client.socket().send(FrameCodec.encode(new Frame.Bell()))) {
                        Thread.onSpinWait();
                    }
                }
            } catch (SystemCallFailed e) {
                continue; // the service has ended the session
            }
        }
        return sessions;
    }

    private static void garble(ByteBuffer memory, SplittableRandom random) {
        for (int i = 0; i < 64; i++) {
            memory.put(random.nextInt(memory.capacity()), (byte) random.nextInt());
        }
    }

    private static void askAnything(Segment segment, int[] sequences, SplittableRandom random) {
        int box = random.nextInt(4);
        for (int i = 0; i < 8; i++) {
            segment.mailbox(box).putRequestWord(i, (long) random.nextInt(5) << Integer.SIZE | random.nextInt(80));
        }
        int[] counts = {0, 1, 2, 64, 65, -1, random.nextInt()};
        long[] arguments = {0, 1, 4096, 65536, Long.MAX_VALUE, -1, random.nextLong()};
        segment.mailbox(box)
                .publish(
                        ++sequences[box],
                        random.nextInt(Opcode.PING, Opcode.STATISTICS + 3),
                        counts[random.nextInt(counts.length)],
                        arguments[random.nextInt(arguments.length)]);
    }

    @Test
    void noHolderOfASegmentCanChangeItsLength() throws Exception {
        try (ComputeNode node = new ComputeNode(directory);
                RawClient client = new RawClient(node.socket(), 1)) {
            Path file = Path.of("/proc/self/fd/" + Limits.numberOf(client.segment()));
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                assertThatThrownBy(() -> channel.truncate(0))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("not permitted");
            }
        }
    }

    @Test
    void aSkippedSequenceEndsTheSession() throws Exception {
        try (ComputeNode node = new ComputeNode(directory);
                RawClient client = new RawClient(node.socket(), 1)) {
            Segment.open(client.memory(), 1).mailbox(0).publish(2, Opcode.PING, 0, 0);
            client.ring();
            Frame frame = FrameCodec.decode(client.receive().bytes());
            assertThat(frame)
                    .isEqualTo(new Frame.Farewell(
                            ErrorCode.PROTOCOL_VIOLATION.number(),
                            "a mailbox skipped requests [mailbox=0 sequence=2 expected=1]"));
            assertThat(client.receive().end()).isTrue();
        }
    }

    @Test
    void anotherProcessThatUsesTheSocketEndsTheSession() throws Exception {
        try (ComputeNode node = new ComputeNode(directory);
                RawClient client = new RawClient(node.socket(), 1);
                ApplicationProcess other = new ApplicationProcess(directory)) {
            String answer =
                    other.ask("steal " + ProcessHandle.current().pid() + " " + StolenSocket.numberOf(client.socket()));
            assumeTrue(!answer.contains("errno"), "this system does not let a process share descriptors: " + answer);
            Frame frame = FrameCodec.decode(client.receive().bytes());
            assertThat(frame).isInstanceOfSatisfying(Frame.Farewell.class, farewell -> assertThat(farewell.text())
                    .contains("belongs to the process that opened it"));
        }
    }

    @Test
    void anotherUserIsRefusedEvenIfItReachesTheSocket() throws Exception {
        assumeTrue(Limits.root(), "only root can act as another user");
        try (ComputeNode node = new ComputeNode(directory)) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(directory.resolve("run"), PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(node.socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
            Frame answer = Limits.asUser(65_534, () -> {
                try (RawClient client = new RawClient(node.socket(), 1)) {
                    return client.answer();
                }
            });
            assertThat(answer).isInstanceOfSatisfying(Frame.Failed.class, failed -> {
                assertThat(failed.code()).isEqualTo(ErrorCode.INVALID_REQUEST.number());
                assertThat(failed.text()).contains("this user may not use").contains("uid=65534");
            });
        }
    }

    @Test
    void withoutAFileDescriptorLeftAnApplicationIsToldSo() throws Exception {
        try (ComputeNode node = new ComputeNode(directory);
                ServiceMemory honest = node.client()) {
            honest.allocate(4096);
            Frame answer = withoutDescriptors(node, honest);
            assertThat(answer).isInstanceOfSatisfying(Frame.Failed.class, failed -> {
                assertThat(failed.code()).isEqualTo(ErrorCode.OUT_OF_LOCAL_RESOURCES.number());
                assertThat(failed.text()).contains("ulimit -n");
            });
            node.client().close();
        }
    }

    /** Loading a class takes a descriptor. */
    @BeforeAll
    static void loadWhatIsNeededWithoutDescriptors() throws Exception {
        for (Class<?> needed : List.of(ErrorCode.class, Frame.Failed.class, StolenSocket.class)) {
            Class.forName(needed.getName());
        }
    }

    @Test
    void newcomersAreToldAgainAlthoughTheDescriptorKeptForThatWasLostOnce() throws Exception {
        List<EventFd> low = new ArrayList<>();
        for (int i = 0; i < LIMIT; i++) {
            low.add(new EventFd()); // what the service opens now has higher numbers than the limit allows
        }
        try (ComputeNode node = new ComputeNode(directory);
                ServiceMemory honest = node.client()) {
            honest.allocate(4096);
            loseTheReserve(node, low);
            node.client().close();
            assertThat(withoutDescriptors(node, honest))
                    .isInstanceOfSatisfying(Frame.Failed.class, failed -> assertThat(failed.text())
                            .contains("ulimit -n"));
            node.client().close();
        } finally {
            low.forEach(EventFd::close);
        }
    }

    private static void loseTheReserve(ComputeNode node, List<EventFd> low) throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(AllocationService.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.list = new CopyOnWriteArrayList<>();
        log.start();
        logger.addAppender(log);
        try (Limits limit = Limits.ofDescriptors(LIMIT)) {
            assertThat(limit).isNotNull();
            fill(low);
            low.remove(0).close(); // the newcomer's own
            try (UnixSocket newcomer = UnixSocket.connected(node.socket())) {
                assertThat(newcomer).isNotNull();
                await().atMost(Duration.ofSeconds(10)).until(() -> log.list.stream()
                        .anyMatch(line -> line.getFormattedMessage().contains("could not even be told")));
            }
            low.forEach(EventFd::close);
        } finally {
            logger.detachAppender(log);
        }
    }

    private static void fill(List<EventFd> all) {
        try {
            while (true) {
                all.add(new EventFd());
            }
        } catch (SystemCallFailed e) {
            assertThat(e.outOfDescriptors()).isTrue();
        }
    }

    /** What a newcomer is told while this process, and so the service, has no descriptor left. */
    private static Frame withoutDescriptors(ComputeNode node, ServiceMemory honest) throws Exception {
        List<EventFd> all = new ArrayList<>();
        try (Limits limit = Limits.ofDescriptors(LIMIT)) {
            assertThat(limit).isNotNull();
            fill(all);
            all.remove(0).close(); // the newcomer's own
            try (UnixSocket socket = UnixSocket.connected(node.socket())) {
                try {
                    socket.send(FrameCodec.encode(new Frame.Hello(SegmentLayout.VERSION, 1, "late")));
                } catch (SystemCallFailed e) {
                    assertThat(e).hasMessageContaining("Broken pipe"); // turned away already: the answer is there
                }
                await().atMost(Duration.ofSeconds(10)).until(() -> StolenSocket.hasPacket(socket));
                Frame answer = FrameCodec.decode(socket.receive().bytes());
                honest.allocate(4096);
                return answer;
            }
        } finally {
            all.forEach(EventFd::close);
        }
    }
}
