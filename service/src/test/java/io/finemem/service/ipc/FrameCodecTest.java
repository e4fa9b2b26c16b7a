package io.finemem.service.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.ResumeToken;
import io.finemem.api.ProtocolViolation;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

public class FrameCodecTest {
    static Stream<Frame> frames() {
        return Stream.of(
                new Frame.Hello(1, 64, "größe"),
                new Frame.Welcome(1, 4, 7, 1L << 40, 10_000, List.of("mn0", "mn1"), List.of(0, 70_000), null),
                new Frame.Welcome(1, 4, 7, 1L << 40, 10_000, List.of("mn0"), List.of(), ResumeToken.random()),
                new Frame.Reattach(2, 4, 7, ResumeToken.of(1, -1)),
                new Frame.Connect(3, 1, new byte[Frame.MAX_DESCRIPTOR]),
                new Frame.Connected(3, 9, new byte[] {1, 2, 3}),
                new Frame.Disconnect(4, 9),
                new Frame.Disconnected(4),
                new Frame.Locate(5, 70),
                new Frame.Located(5, "mn-70@rack"),
                new Frame.Failed(5, 202, "no [a=b]"),
                new Frame.Bell(),
                new Frame.Leave(),
                new Frame.Farewell(308, "stops"));
    }

    /** Bytes of a frame of each kind. */
    public static List<byte[]> encoded() {
        return frames().map(frame -> {
                    ByteBuffer bytes = FrameCodec.encode(frame);
                    byte[] copy = new byte[bytes.remaining()];
                    bytes.get(copy);
                    return copy;
                })
                .toList();
    }

    @ParameterizedTest
    @MethodSource("frames")
    void aFrameComesBackAsItWas(Frame frame) {
        assertThat(FrameCodec.decode(FrameCodec.encode(frame)))
                .usingRecursiveComparison()
                .isEqualTo(frame);
    }

    @ParameterizedTest
    @MethodSource("frames")
    void aFrameThatIsCutOffOrTooLongIsRefused(Frame frame) {
        ByteBuffer whole = FrameCodec.encode(frame);
        for (int length = 0; length < whole.limit(); length++) {
            ByteBuffer part = whole.duplicate().limit(length);
            assertThatThrownBy(() -> FrameCodec.decode(part)).isInstanceOf(ProtocolViolation.class);
        }
        ByteBuffer longer = ByteBuffer.allocate(whole.limit() + 1).put(whole).rewind();
        assertThatThrownBy(() -> FrameCodec.decode(longer))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("bytes after its end");
    }

    @Test
    void anyBytesAreAFrameOrAreRefused() {
        decodeAnything(0);
    }

    /** For 10 s, or {@code -Dfinemem.fuzz.seconds}. */
    @Test
    @Tag("slow")
    void anyBytesAreAFrameOrAreRefusedForLong() {
        decodeAnything(Long.getLong("finemem.fuzz.seconds", 10));
    }

    private static void decodeAnything(long seconds) {
        long seed = Long.getLong("finemem.seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        do {
            decodeMany(random, seed);
        } while (System.nanoTime() - end < 0);
    }

    private static void decodeMany(SplittableRandom random, long seed) {
        List<ByteBuffer> valid = frames().map(FrameCodec::encode).toList();
        int decoded = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[valid.get(i % valid.size()).limit()];
            valid.get(i % valid.size()).duplicate().get(bytes);
            for (int flips = random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                FrameCodec.decode(ByteBuffer.wrap(bytes));
                decoded++;
            } catch (ProtocolViolation refused) {
                assertThat(refused.getMessage()).as("seed %d", seed).isNotBlank();
            }
        }
        assertThat(decoded).as("seed %d", seed).isBetween(1, 199_999);
    }

    @Test
    void theLongestWelcomeFitsAPacket() {
        List<String> nodes = Collections.nCopies(Frame.MAX_NODES, "n".repeat(64));
        List<Integer> lost = Collections.nCopies(Frame.MAX_LOST, -1);
        assertThat(FrameCodec.encode(new Frame.Welcome(1, 64, 1, 1, 1, nodes, lost, ResumeToken.random()))
                        .remaining())
                .isLessThan(UnixSocket.MAX_PACKET);
    }

    @Test
    void aTextIsCutBetweenCharacters() {
        Frame cut = FrameCodec.decode(FrameCodec.encode(new Frame.Failed(1, 100, "x" + "ä".repeat(2000))));
        assertThat(((Frame.Failed) cut).text()).isEqualTo("x" + "ä".repeat(1023));
    }
}
