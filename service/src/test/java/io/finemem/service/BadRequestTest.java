package io.finemem.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.api.ErrorCode;
import io.finemem.api.RemoteBlock;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.Mailbox;
import io.finemem.service.ipc.Opcode;
import io.finemem.service.ipc.Segment;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.ipc.SystemCallFailed;
import io.finemem.service.ipc.UnixSocket;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ProtectionDomain;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a client can get wrong on its socket and in its mailboxes, and what it is told. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class BadRequestTest {
    @TempDir
    Path directory;

    private static void ring(RawClient client) throws IOException {
        client.socket().send(FrameCodec.encode(new Frame.Bell()));
    }

    private static void awaitAnswer(Mailbox mailbox, int sequence) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(1))
                .pollDelay(Duration.ZERO)
                .until(() -> mailbox.responseSequence() == sequence);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            0          | 1   | 0     | 400 | a mailbox asks for what does not exist [opcode=0]
            -7         | 1   | 0     | 400 | a mailbox asks for what does not exist [opcode=-7]
            99         | 1   | 0     | 400 | a mailbox asks for what does not exist [opcode=99]
            2          | 0   | 4096  | 100 | a request has 1 to 64 blocks [count=0]
            2          | 65  | 4096  | 100 | a request has 1 to 64 blocks [count=65]
            2          | -1  | 4096  | 100 | a request has 1 to 64 blocks [count=-1]
            2          | 1   | 0     | 100 | a block must have 1 to 16777216 bytes [bytes=0]
            2          | 1   | -1    | 100 | a block must have 1 to 16777216 bytes [bytes=-1]
            2          | 2   | 9223372036854775807 | 100 | a block must have 1 to 16777216 bytes [bytes=9223372036854775807]
            3          | 1   | 0     | 100 | the application holds no such block, or freed it already [handle=0]
            6          | 0   | 4096  | 100 | a label has 1 to 512 bytes [bytes=0]
            6          | -1  | 4096  | 100 | a label has 1 to 512 bytes [bytes=-1]
            6          | 513 | 4096  | 100 | a label has 1 to 512 bytes [bytes=513]
            6          | 4   | 0     | 100 | a block must have 1 to 16777216 bytes [bytes=0]
            4          | 1   | 7     | 100 | the application holds no such block [handle=0]
            """)
    void aRequestThatMakesNoSenseIsAnsweredWithWhatIsWrong(int opcode, int count, long argument, int code, String text)
            throws Exception {
        assertThat(List.of(Opcode.PING, Opcode.ALLOCATE, Opcode.FREE, Opcode.KEYS, Opcode.ALLOCATE_LABELLED))
                .containsExactly(1, 2, 3, 4, 6);
        try (ComputeNode node = new ComputeNode(directory);
                RawClient client = new RawClient(node.socket(), 1)) {
            Mailbox mailbox = Segment.open(client.memory(), 1).mailbox(0);
            mailbox.publish(1, opcode, count, argument);
            ring(client);
            awaitAnswer(mailbox, 1);
            assertThat(mailbox.code()).isEqualTo(code);
            assertThat(mailbox.text()).isEqualTo(text);
            mailbox.publish(2, Opcode.PING, 0, 0);
            ring(client);
            awaitAnswer(mailbox, 2);
            assertThat(mailbox.code()).as("the session goes on").isZero();
            assertThat(node.usedChunks()).isZero();
        }
    }

    /** Frames that only the other side sends, or only once. */
    static List<Frame> misplaced() {
        return List.of(
                new Frame.Hello(SegmentLayout.VERSION, 1, "again"),
                new Frame.Welcome(1, 1, 1, 1, 1, List.of("mn0"), List.of(), null),
                new Frame.Reattach(SegmentLayout.VERSION, 1, 1, ResumeToken.random()),
                new Frame.Connected(1, 1, new byte[0]),
                new Frame.Disconnected(1),
                new Frame.Failed(1, 100, ""),
                new Frame.Farewell(100, ""));
    }

    @ParameterizedTest
    @MethodSource("misplaced")
    void aFrameOfTheOtherSideEndsTheSession(Frame frame) throws Exception {
        try (ComputeNode node = new ComputeNode(directory);
                RawClient client = new RawClient(node.socket(), 1)) {
            client.socket().send(FrameCodec.encode(frame));
            assertThat(FrameCodec.decode(client.receive().bytes()))
                    .isEqualTo(new Frame.Farewell(
                            ErrorCode.PROTOCOL_VIOLATION.number(),
                            "a client does not send this frame [frame="
                                    + frame.getClass().getSimpleName() + "]"));
            node.awaitSessions(0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            0  | 1  | app    | application and allocation service are of different versions [application=0 service=3]
            2  | 1  | app    | application and allocation service are of different versions [application=2 service=3]
            3  | 0  | app    | a session needs 1 or more mailboxes [mailboxes=0]
            3  | -1 | app    | a session needs 1 or more mailboxes [mailboxes=-1]
            3  | 1  | a'b    | an application needs a name without control characters and quotes
            """)
    void aHelloThatMakesNoSenseIsRefusedWithWhatIsWrong(int version, int mailboxes, String name, String text)
            throws Exception {
        assertThat(SegmentLayout.VERSION).isEqualTo(3);
        try (ComputeNode node = new ComputeNode(directory);
                UnixSocket socket = UnixSocket.connected(node.socket());
                RawClient client = RawClient.saying(socket, new Frame.Hello(version, mailboxes, name))) {
            assertThat(client.answer()).isInstanceOfSatisfying(Frame.Failed.class, failed -> assertThat(failed.text())
                    .isEqualTo(text));
            assertThat(node.service().sessions()).isZero();
        }
    }

    /** Where a client goes away without a word. */
    private enum Step {
        CONNECTED,
        WELCOMED,
        ASKING,
        HOLDING,
        CONNECTING,
        LEAVING
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatIsGoneAtAnyStepLeavesNothing(Step step) throws Exception {
        try (ComputeNode node = new ComputeNode(directory, Isolation.STRICT, options -> options);
                ProtectionDomain domain = node.transport().newDomain();
                Connection end = domain.newConnection(new ConnectionOptions("mn0", 1, Set.of()))) {
            goAwayAt(step, node, end.descriptor());
            node.awaitSessions(0);
            node.awaitRevocations();
            assertThat(node.usedChunks()).isZero();
            try (ServiceMemory next = node.client();
                    RemoteBlock block = next.allocate(4096)) {
                assertThat(block.fetchAdd(0, 1)).isNotNegative();
            }
        }
    }

    private static void goAwayAt(Step step, ComputeNode node, byte[] descriptor) throws IOException {
        if (step == Step.CONNECTED) {
            UnixSocket.connected(node.socket()).close();
            return;
        }
        try (RawClient client = new RawClient(node.socket(), 1)) {
            Mailbox mailbox = Segment.open(client.memory(), 1).mailbox(0);
            if (step == Step.ASKING || step == Step.HOLDING) {
                mailbox.publish(1, Opcode.ALLOCATE, 64, 4096);
                ring(client);
            }
            if (step == Step.HOLDING) {
                awaitAnswer(mailbox, 1);
                assertThat(node.usedChunks()).isEqualTo(64);
            }
            if (step == Step.CONNECTING) {
                client.socket().send(FrameCodec.encode(new Frame.Connect(1, 0, descriptor)));
            }
            if (step == Step.LEAVING) {
                client.socket().send(FrameCodec.encode(new Frame.Leave()));
            }
        }
    }

    /** Each field of a request is read once: what is charged is what is given back at the end. */
    @Test
    void aRequestThatChangesAfterItsBellIsServedAsItWasReadOnce() throws Exception {
        try (ComputeNode node = new ComputeNode(directory, Isolation.DIRECT, options -> options)) {
            try (RawClient client = new RawClient(node.socket(), 1)) {
                Mailbox mailbox = Segment.open(client.memory(), 1).mailbox(0);
                ByteBuffer memory = client.memory();
                int requestAt = requestOffset(memory, mailbox);
                ring(client);
                awaitAnswer(mailbox, 1);
                AtomicBoolean stop = new AtomicBoolean();
                Thread changer = new Thread(() -> change(memory, requestAt, stop));
                changer.setDaemon(true);
                changer.start();
                for (int sequence = 2; sequence < 3000; sequence++) {
                    mailbox.publish(sequence, sequence % 2 == 0 ? Opcode.ALLOCATE : Opcode.FREE, 1, 4096);
                    ring(client);
                    awaitAnswerSpinning(mailbox, sequence);
                }
                stop.set(true);
                changer.join();
            }
            node.awaitSessions(0);
            assertThat(node.usedChunks()).isZero();
            try (ServiceMemory honest = node.client()) {
                assertThat(honest.allocateAll(4096, 4000)).hasSize(4000);
            }
        }
    }

    private static void awaitAnswerSpinning(Mailbox mailbox, int sequence) {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (mailbox.responseSequence() != sequence) {
            assertThat(System.nanoTime() - limit).isNegative();
            Thread.onSpinWait();
        }
    }

    /** Where the request's count lies: found by writing one that is seen nowhere else. */
    private static int requestOffset(ByteBuffer memory, Mailbox mailbox) {
        int mark = 0x5eed5eed;
        mailbox.publish(0, 0, mark, 0);
        ByteBuffer ints = memory.duplicate().order(java.nio.ByteOrder.nativeOrder());
        for (int at = 0; ; at += Integer.BYTES) {
            if (ints.getInt(at) == mark) {
                mailbox.publish(1, Opcode.PING, 0, 0);
                return at;
            }
        }
    }

    private static void change(ByteBuffer memory, int countAt, AtomicBoolean stop) {
        ByteBuffer ints = memory.duplicate().order(java.nio.ByteOrder.nativeOrder());
        for (int i = 0; !stop.get(); i++) {
            ints.putInt(countAt, i % 3 == 0 ? 64 : i % 3 == 1 ? 1 : -1);
        }
    }

    /** Nonsense on the socket for 10 s or {@code -Dfinemem.fuzz.seconds}. */
    @Test
    @Tag("slow")
    void anyPacketsHarmNobodyElse() throws Exception {
        long seed = Long.getLong("finemem.seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<byte[]> corpus = io.finemem.service.ipc.FrameCodecTest.encoded();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("finemem.fuzz.seconds", 10));
        long packets = 0;
        try (ComputeNode node = new ComputeNode(directory);
                ServiceMemory honest = node.client()) {
            while (System.nanoTime() - end < 0) {
                packets += babble(node, corpus, random);
                try (RemoteBlock block = honest.allocate(4096)) {
                    long before = block.fetchAdd(0, 1);
                    assertThat(block.fetchAdd(0, 0)).as("seed %d", seed).isEqualTo(before + 1);
                }
            }
            node.awaitSessions(1);
            assertThat(node.usedChunks()).as("seed %d", seed).isZero();
        }
        System.out.println(packets + " packets");
    }

    private static int babble(ComputeNode node, List<byte[]> corpus, SplittableRandom random) {
        int sent = 0;
        try (UnixSocket socket = UnixSocket.connected(node.socket())) {
            if (random.nextBoolean()) {
                socket.send(FrameCodec.encode(new Frame.Hello(SegmentLayout.VERSION, 1, "fuzz")));
            }
            for (int left = random.nextInt(1, 20); left > 0; left--, sent++) {
                byte[] original = corpus.get(random.nextInt(corpus.size()));
                byte[] bytes = Arrays.copyOf(original, Math.max(1, original.length + random.nextInt(-2, 3)));
                for (int changes = random.nextInt(5); changes > 0; changes--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
                socket.send(ByteBuffer.wrap(bytes));
            }
        } catch (SystemCallFailed hungUp) {
            return sent;
        }
        return sent;
    }
}
