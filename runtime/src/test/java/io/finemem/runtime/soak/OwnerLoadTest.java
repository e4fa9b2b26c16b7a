package io.finemem.runtime.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.BlockHandle;
import io.finemem.api.BufferPool;
import io.finemem.api.MemoryStatistics;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.OwnerFenced;
import io.finemem.api.ProtocolViolation;
import io.finemem.api.RegisteredBuffer;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ScatterList;
import io.finemem.spi.transport.ConnectionLost;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What an owner of a kill loop notices, on a memory that does wrong. */
class OwnerLoadTest {
    private static final int CHUNK = RemoteMemory.CHUNK_BYTES;

    private final List<String> said = new ArrayList<>();
    private final Memory memory = new Memory();
    private final OwnerLoad load = new OwnerLoad(3, 128 * 1024, 1, 0, () -> memory, this::hear);
    private static final int STEPS = 200;

    /** After some steps it is told to end. */
    private void hear(String line) {
        said.add(line);
        if (line.startsWith("did ") && Long.parseLong(line.split(" ")[2]) >= STEPS) {
            load.order(OwnerLoad.END);
        }
    }

    /** Memory of this process, with faults. */
    private static final class Memory implements RemoteMemory {
        private int allocated;
        private int wrongFrom = Integer.MAX_VALUE;
        private int lostFrom = Integer.MAX_VALUE;
        private int fencedFrom = Integer.MAX_VALUE;
        private int fencedUntil = Integer.MAX_VALUE;
        private int room = Integer.MAX_VALUE;
        private int places = Integer.MAX_VALUE;

        @Override
        public RemoteBlock allocate(long bytes) {
            allocated++;
            if (allocated >= fencedFrom && allocated < fencedUntil) {
                fencedUntil = 0;
                throw new OwnerFenced("dead");
            }
            if (allocated > room) {
                throw new OutOfRemoteMemory("full");
            }
            return new Block(allocated % places, (bytes + CHUNK - 1) / CHUNK * CHUNK);
        }

        @Override
        public void free(RemoteBlock block) {
            block.close();
        }

        @Override
        public long maxBlockBytes() {
            return 1 << 20;
        }

        @Override
        public MemoryStatistics statistics() {
            throw new UnsupportedOperationException();
        }

        @Override
        public BufferPool buffers() {
            throw new UnsupportedOperationException();
        }

        @Override
        public String describe() {
            return "memory of a test";
        }

        @Override
        public void close() {}

        private final class Block implements RemoteBlock {
            private final long place;
            private final byte[] bytes;

            Block(long place, long length) {
                this.place = place;
                this.bytes = new byte[(int) length];
            }

            @Override
            public BlockHandle handle() {
                return new BlockHandle("mn0", place << 20, bytes.length, 0, 0);
            }

            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public void read(long offset, ByteBuffer destination) {
                if (allocated >= lostFrom) {
                    throw new ConnectionLost("cut");
                }
                destination.put(bytes, (int) offset, destination.remaining());
            }

            @Override
            public void write(long offset, ByteBuffer source) {
                source.get(bytes, (int) offset, source.remaining());
                if (allocated >= wrongFrom) {
                    bytes[bytes.length / 2] ^= 1;
                }
            }

            @Override
            public void read(long offset, RegisteredBuffer destination, int position, int length) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void write(long offset, RegisteredBuffer source, int position, int length) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void read(long offset, ScatterList destinations) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void write(long offset, ScatterList sources) {
                throw new UnsupportedOperationException();
            }

            @Override
            public CompletionStage<Void> readAsync(
                    long offset, RegisteredBuffer destination, int position, int length) {
                throw new UnsupportedOperationException();
            }

            @Override
            public CompletionStage<Void> writeAsync(long offset, RegisteredBuffer source, int position, int length) {
                throw new UnsupportedOperationException();
            }

            @Override
            public CompletionStage<Void> readAsync(long offset, ScatterList destinations) {
                throw new UnsupportedOperationException();
            }

            @Override
            public CompletionStage<Void> writeAsync(long offset, ScatterList sources) {
                throw new UnsupportedOperationException();
            }

            @Override
            public long compareAndSwap(long offset, long expected, long update) {
                throw new UnsupportedOperationException();
            }

            @Override
            public long fetchAdd(long offset, long addend) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void close() {}
        }
    }

    @Test
    void memoryThatIsRightIsWorkedOnUntilTheEnd() throws Exception {
        load.run();
        assertThat(said).startsWith("joined 3").noneMatch(line -> line.startsWith("fenced"));
        assertThat(memory.allocated).isGreaterThan(10);
    }

    @Test
    void oneWrongByteIsNoticed() {
        memory.wrongFrom = 5;
        assertThatThrownBy(load::run)
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("does not hold what its owner wrote");
    }

    @Test
    void fencedOwnerJoinsAgainAndSaysSo() throws Exception {
        memory.fencedFrom = 8;
        load.run();
        assertThat(said).containsOnlyOnce("fenced 3");
    }

    @Test
    void connectionThatBreaksWithoutAFenceIsNoticed() {
        memory.lostFrom = 5;
        assertThatThrownBy(load::run)
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("although this owner is not fenced");
    }

    @Test
    void chunkThatIsGivenTwiceIsNoticedWhenThePoolIsFilled() {
        memory.places = 30;
        load.order(OwnerLoad.PAUSE);
        load.order(OwnerLoad.FILL);
        assertThatThrownBy(load::run)
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("a chunk was given twice");
    }

    @Test
    void pausedOwnerNamesWhatItHoldsAndCountsWhatThePoolGives() throws Exception {
        memory.room = 25;
        load.order(OwnerLoad.PAUSE);
        load.order(OwnerLoad.FILL);
        load.order(OwnerLoad.END);
        load.run();
        assertThat(said).containsExactly("joined 3", "held 3", "filled 3 25");
    }
}
