package io.finemem.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies and words around the border of two segments, in a sparse file. */
class MemoryTest {
    private static final long SEGMENT = 1L << 30;
    private static final int WINDOW = 64;

    @TempDir
    private Path directory;

    private Memory large;

    @BeforeEach
    void map() throws IOException {
        try (FileChannel file = FileChannel.open(
                directory.resolve("sparse"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            large = Memory.map(file, SEGMENT + (1 << 20) + 3);
        }
    }

    private static void copy(Memory source, long from, Memory target, long to, int length, Memory words) {
        for (int done = 0; done < length; ) {
            done += Memory.copyPiece(source, from + done, target, to + done, length - done, words);
        }
    }

    @Test
    void copiesOverTheBorderKeepEveryByteAtEveryAlignment() {
        long seed = System.nanoTime();
        System.out.println("copiesOverTheBorderKeepEveryByteAtEveryAlignment seed=" + seed);
        Random random = new Random(seed);
        byte[] bytes = new byte[WINDOW];
        for (int i = 0; i < 20_000; i++) {
            random.nextBytes(bytes);
            int skew = random.nextInt(9);
            Memory local = Memory.of(ByteBuffer.allocateDirect(WINDOW + 8).position(skew));
            int length = 1 + random.nextInt(WINDOW - 8);
            long at = SEGMENT - random.nextInt(length + 1);
            local.put(0, ByteBuffer.wrap(bytes));
            copy(local, 0, large, at, length, large);
            byte[] there = new byte[length];
            large.get(at, ByteBuffer.wrap(there));
            assertThat(there).as("skew %d, at %d, length %d", skew, at, length).isEqualTo(Arrays.copyOf(bytes, length));
            local.fill(0, WINDOW, (byte) 0);
            copy(large, at, local, 0, length, large);
            ByteBuffer back = ByteBuffer.allocate(length);
            local.get(0, back);
            assertThat(back.array()).isEqualTo(there);
        }
    }

    @Test
    void transfersLongerThanAPieceKeepEveryByte() {
        byte[] bytes = new byte[(2 << 20) + 13];
        new Random(1).nextBytes(bytes);
        Memory local = Memory.of(ByteBuffer.allocateDirect(bytes.length + 3).position(3));
        local.put(0, ByteBuffer.wrap(bytes));
        long at = SEGMENT - (1 << 20) - 5;
        copy(local, 0, large, at, bytes.length - (1 << 20), large);
        byte[] there = new byte[bytes.length - (1 << 20)];
        large.get(at, ByteBuffer.wrap(there));
        assertThat(there).isEqualTo(Arrays.copyOf(bytes, there.length));
    }

    @Test
    void wordsOfBothSegmentsAreChangedAtomically() {
        for (long at = SEGMENT - 16; at < SEGMENT + 16; at += 8) {
            assertThat(large.getAndAdd(at, at)).isZero();
            assertThat(large.compareAndExchange(at, at, 1)).isEqualTo(at);
            assertThat(large.getAcquire(at)).isEqualTo(1);
        }
    }

    @Test
    void wordsAreNotTornByUnalignedTransfers() throws InterruptedException {
        int bytes = 1 << 12;
        long at = SEGMENT - bytes / 2;
        Memory local = Memory.of(ByteBuffer.allocateDirect(bytes + 8).position(3));
        Thread writer = new Thread(() -> {
            for (int round = 0; round < 20_000; round++) {
                local.fill(0, bytes, (byte) round);
                copy(local, 0, large, at, bytes, large);
            }
        });
        writer.start();
        Memory copy = Memory.of(ByteBuffer.allocateDirect(bytes + 8).position(5));
        ByteBuffer seen = ByteBuffer.allocate(bytes);
        while (writer.isAlive()) {
            copy(large, at, copy, 0, bytes, large);
            copy.get(0, seen.clear());
            for (int i = 0; i < bytes; i += Long.BYTES) {
                long word = seen.getLong(i);
                assertThat(word).isEqualTo(Long.rotateLeft(word, Byte.SIZE));
            }
        }
        writer.join();
    }

    @Test
    void fillAndSliceStopAtTheirBounds() {
        large.fill(SEGMENT - 3, 7, (byte) 9);
        ByteBuffer around = ByteBuffer.allocate(9);
        large.get(SEGMENT - 4, around);
        assertThat(around.array()).containsExactly(0, 9, 9, 9, 9, 9, 9, 9, 0);
        assertThat(large.slice(SEGMENT, 4).get(3)).isEqualTo((byte) 9);
        assertThatThrownBy(() -> large.slice(SEGMENT - 1, 2)).isInstanceOf(InvalidRequest.class);
    }
}
