package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.HeartbeatReply;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.control.JournalSegment;
import io.finemem.allocator.control.NodeState;
import io.finemem.allocator.control.OwnerGrant;
import io.finemem.allocator.control.OwnerReport;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.control.PoolReport;
import io.finemem.allocator.control.ResumableGrant;
import io.finemem.allocator.control.ResumedGrant;
import io.finemem.allocator.control.ServedEnd;
import io.finemem.api.ErrorCode;
import io.finemem.api.InvalidRequest;
import io.finemem.api.ProtocolViolation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ControlCodecTest {
    private static final int FUZZ_ROUNDS = 40_000;
    private static final byte[] DESCRIPTOR = {1, 2, 3};
    private static final PoolDescription POOL =
            new PoolDescription("mn0", -5, Isolation.STRICT, 32, 1L << 40, -7, Long.MIN_VALUE);

    static Stream<ControlRequest> requests() {
        return Stream.of(
                new ControlRequest.Hello("app-1@host.example:7"),
                new ControlRequest.Ping(),
                new ControlRequest.Describe(),
                new ControlRequest.Register(),
                new ControlRequest.RegisterResumable(),
                new ControlRequest.Resume(7, FakeMemoryNode.TOKEN),
                new ControlRequest.GrowJournal(),
                new ControlRequest.Connect(ConnectionPurpose.METADATA, DESCRIPTOR),
                new ControlRequest.Connect(ConnectionPurpose.HEAP, new byte[ControlCodec.MAX_DESCRIPTOR_BYTES]),
                new ControlRequest.Disconnect(5),
                new ControlRequest.Heartbeat(1L << 40),
                new ControlRequest.Resolve(new int[] {3, Integer.MAX_VALUE}),
                new ControlRequest.Leave(),
                new ControlRequest.Inspect(),
                new ControlRequest.Audit(),
                new ControlRequest.Statistics(),
                new ControlRequest.Drain(true),
                new ControlRequest.Stop(),
                new ControlRequest.Bye());
    }

    static Stream<ControlResponse> responses() {
        return Stream.of(
                new ControlResponse.Welcome(10_000),
                new ControlResponse.Done(),
                new ControlResponse.Pool(POOL),
                new ControlResponse.Granted(new OwnerGrant(1, 500, new JournalSegment(0, 64))),
                new ControlResponse.Resumable(
                        new ResumableGrant(new OwnerGrant(1, 500, new JournalSegment(0, 64)), FakeMemoryNode.TOKEN)),
                new ControlResponse.Resumed(new ResumedGrant(
                        1, 2, 500, List.of(new JournalSegment(0, 64), new JournalSegment(128, 64)), List.of(3, 130))),
                new ControlResponse.Grown(new JournalSegment(64, 1)),
                new ControlResponse.Connected(new ServedEnd(2, DESCRIPTOR)),
                new ControlResponse.Alive(new HeartbeatReply(4, NodeState.SERVING, 1L << 40)),
                new ControlResponse.Counted(FakeMemoryNode.STATISTICS),
                new ControlResponse.Resolved(new int[] {0, 9}),
                new ControlResponse.Inspected(new PoolReport(
                        POOL,
                        1L << 40,
                        1 << 20,
                        1,
                        2,
                        3,
                        1,
                        99,
                        4096,
                        List.of(new OwnerReport(3, "app", true, 7, 256, 12)))),
                new ControlResponse.Audited(new AuditReport("mn0", 3, 2, 10, 9, 1, List.of("a", "größer"))),
                new ControlResponse.Failed(ErrorCode.OWNER_FENCED, "was declared dead [owner=3]"));
    }

    static Stream<byte[]> messages() {
        return Stream.concat(requests().map(ControlCodec::encode), responses().map(ControlCodec::encode));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void requestSurvivesTheWire(ControlRequest request) {
        byte[] message = ControlCodec.encode(request);
        assertThat(ControlCodec.decodeRequest(message))
                .usingRecursiveComparison()
                .isEqualTo(request);
    }

    @ParameterizedTest
    @MethodSource("responses")
    void responseSurvivesTheWire(ControlResponse response) {
        byte[] message = ControlCodec.encode(response);
        assertThat(ControlCodec.decodeResponse(message))
                .usingRecursiveComparison()
                .isEqualTo(response);
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void everyErrorCodeComesBackAsItsOwnException(ErrorCode code) {
        byte[] message = ControlCodec.encode(new ControlResponse.Failed(code, "why"));
        ControlResponse.Failed failed = (ControlResponse.Failed) ControlCodec.decodeResponse(message);
        assertThat(RemoteFailure.of(failed.code(), failed.text()))
                .hasMessage("why")
                .extracting(e -> e.code())
                .isEqualTo(code);
    }

    @Test
    void encodingOfAPoolIsAsDrawn() {
        byte[] message = ControlCodec.encode(new ControlResponse.Pool(
                new PoolDescription("mn0", 0x1122334455667788L, Isolation.STRICT, 2, 0x10, -1, 0x20)));
        assertThat(HexFormat.of().formatHex(message))
                .isEqualTo("83" + "0003" + "6d6e30" + "1122334455667788" + "01" + "00000002" + "0000000000000010"
                        + "ffffffff" + "0000000000000020" + "00");
    }

    @ParameterizedTest
    @MethodSource("messages")
    void truncationAtEveryByteIsRefused(byte[] message) {
        for (int length = 0; length < message.length; length++) {
            byte[] cut = Arrays.copyOf(message, length);
            assertThatThrownBy(() -> decode(cut)).as("length %d", length).isInstanceOf(ProtocolViolation.class);
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void trailingBytesAreRefused(byte[] message) {
        byte[] longer = Arrays.copyOf(message, message.length + 1);
        assertThatThrownBy(() -> decode(longer))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("trailing");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 16, 42, 127})
    void unknownRequestTypesAreRefused(int type) {
        assertThatThrownBy(() -> ControlCodec.decodeRequest(new byte[] {(byte) type}))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("type=" + type);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 128, 142, 255})
    void unknownResponseTypesAreRefused(int type) {
        assertThatThrownBy(() -> ControlCodec.decodeResponse(new byte[] {(byte) type}))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("type=" + type);
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    peer timeout of zero,      81 z4
                    negative peer timeout,     81 80000000
                    owner zero,                84 z4 00000001 z4 00000001
                    lease of zero,             84 00000001 z4 z4 00000001
                    negative first slot,       84 00000001 00000001 ffffffff 00000001
                    empty journal segment,     85 z4 z4
                    unknown isolation,         83 0001 61 z8 02 00000001 z8 z4 z8
                    no sections,               83 0001 61 z8 01 z4 z8 z4 z8
                    empty node name,           83 0000 z8 01 00000001 z8 z4 z8
                    unknown error code,        88 0001 0000
                    error text not UTF-8,      88 0064 0001 ff
                    error text too long,       88 0064 0801 00
                    descriptor too long,       86 z4 0201 00
                    negative settle request,   89 ffffffffffffffff
                    too many slots,            8a 0401
                    negative slot,             8a 0001 ffffffff
                    negative chunks,           87 0001 61 00000001 z4 ffffffffffffffff z8 z4 0000
                    too many violations,       87 0001 61 00000001 z4 z8 z8 z4 0065
                    """)
    void badNumbersAndTextsAreRefused(String what, String hex) {
        byte[] message = HexFormat.of().parseHex(expanded(hex));
        assertThatThrownBy(() -> ControlCodec.decodeResponse(message))
                .as(what)
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageNotContaining("truncated");
    }

    /** {@code z8} stands for eight bytes of zero. */
    private static String expanded(String hex) {
        return hex.replace(" ", "").replace("z8", "00".repeat(8)).replace("z4", "00".repeat(4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-x", "a b", "line\nbreak", "\u001b[31m", "ä"})
    void namesThatCouldSpoilALogAreRefused(String name) {
        byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
        byte[] message = ByteBuffer.allocate(3 + encoded.length)
                .put((byte) 1)
                .putShort((short) encoded.length)
                .put(encoded)
                .array();
        assertThatThrownBy(() -> ControlCodec.decodeRequest(message)).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void unknownPurposeIsRefused() {
        assertThatThrownBy(() -> ControlCodec.decodeRequest(new byte[] {6, 2, 0, 0}))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("purpose");
    }

    @Test
    void aDescriptorThatIsTooLongIsRefusedBeforeItIsSent() {
        ControlRequest request =
                new ControlRequest.Connect(ConnectionPurpose.HEAP, new byte[ControlCodec.MAX_DESCRIPTOR_BYTES + 1]);
        assertThatThrownBy(() -> ControlCodec.encode(request)).isInstanceOf(InvalidRequest.class);
    }

    @Test
    void aLongAuditIsCutAndSaysSo() {
        List<String> violations = IntStream.range(0, 5_000)
                .mapToObj(i -> "violation " + i + " " + "ä".repeat(500))
                .collect(Collectors.toList());
        byte[] message =
                ControlCodec.encode(new ControlResponse.Audited(new AuditReport("mn0", 1, 0, 0, 0, 0, violations)));
        AuditReport report = ((ControlResponse.Audited) ControlCodec.decodeResponse(message)).report();

        assertThat(message.length).isLessThanOrEqualTo(ControlCodec.MAX_MESSAGE_BYTES);
        assertThat(report.violations()).hasSize(ReportCodec.MAX_VIOLATIONS);
        assertThat(report.violations().get(0)).startsWith("violation 0 ä").endsWith("ä");
        assertThat(report.violations()).last().isEqualTo("and 4901 more");
        assertThat(report.clean()).isFalse();
    }

    @Test
    void anOverlongMessageIsRefused() {
        assertThatThrownBy(() -> decode(new byte[ControlCodec.MAX_MESSAGE_BYTES + 1]))
                .isInstanceOf(ProtocolViolation.class);
    }

    /** Whatever comes in is either a message with exactly this encoding, or a violation. */
    @Test
    void anythingIsEitherTheOneEncodingOfAMessageOrAViolation() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<byte[]> corpus = messages().toList();
        int accepted = 0;
        for (int round = 0; round < FUZZ_ROUNDS; round++) {
            byte[] message = mutated(corpus.get(random.nextInt(corpus.size())), random);
            accepted += isCanonical(message, ControlCodec::decodeRequest, ControlCodec::encode, seed) ? 1 : 0;
            accepted += isCanonical(message, ControlCodec::decodeResponse, ControlCodec::encode, seed) ? 1 : 0;
        }
        assertThat(accepted).as("seed=%d: some mutations stay valid", seed).isPositive();
    }

    private static <T> boolean isCanonical(
            byte[] message, Function<byte[], T> decode, Function<T, byte[]> encode, long seed) {
        T decoded;
        try {
            decoded = decode.apply(message);
        } catch (ProtocolViolation e) {
            return false;
        } catch (RuntimeException e) {
            throw new AssertionError(
                    "seed=" + seed + " message=" + HexFormat.of().formatHex(message), e);
        }
        assertThat(encode.apply(decoded)).as("seed=%d", seed).isEqualTo(message);
        return true;
    }

    private static byte[] mutated(byte[] original, Random random) {
        byte[] message = Arrays.copyOf(original, Math.max(0, original.length + random.nextInt(5) - 2));
        int changes = random.nextInt(4);
        for (int i = 0; i < changes && message.length > 0; i++) {
            message[random.nextInt(message.length)] = (byte) random.nextInt();
        }
        return message;
    }

    private static void decode(byte[] message) {
        boolean response = message.length > 0 && message[0] < 0;
        Object ignored = response ? ControlCodec.decodeResponse(message) : ControlCodec.decodeRequest(message);
        assertThat(ignored).isNotNull();
    }
}
