package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.MemoryRegion;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes arrive as they were sent, where they were sent, and nowhere else. */
abstract class DataContract extends Contract {
    private static final int LARGEST = 64 << 20;
    private static final byte GUARD = 0x5A;

    /** R5: up to 32 KiB; the bytes around the range stay. */
    @ParameterizedTest
    @ValueSource(
            ints = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 255, 256, 1023, 1024, 1025, 4095, 4096, 4097, 32768
            })
    void writeThenReadReturnsTheSameBytes(int length) {
        roundTrip(1024, 1024, 1024, length);
    }

    /** R5: no address needs alignment for READ and WRITE. */
    @ParameterizedTest
    @CsvSource({"1,0,3", "0,1,5", "3,5,7", "7,7,1", "4095,1,4093", "4093,4091,2", "2047,13,8191"})
    void unalignedAddressesWork(int localOffset, int remoteOffset, int backOffset) {
        for (int length : new int[] {1, 8, 13, 4097, 9001}) {
            zeroRegions();
            roundTrip(1 + localOffset, 1 + remoteOffset, 32768 + backOffset, length);
        }
    }

    private void roundTrip(int from, int to, int back, int length) {
        int landing = Math.max(back, from + length + 1);
        fillPattern(local, from, length, length);
        remote.fill(0, REGION_BYTES, GUARD);
        local.fill(landing - 1, Math.min(length + 2, REGION_BYTES - landing + 1), GUARD);
        poster().complete(chain -> chain.write(at(to), remote.rkey(), local, from, length));
        assertSame(local, from, remote, to, length);
        assertThat(bytes(remote, to - 1, 1)).containsExactly(GUARD);
        assertThat(bytes(remote, to + length, 1)).containsExactly(GUARD);
        int room = Math.min(length, REGION_BYTES - landing);
        poster().complete(chain -> chain.read(at(to), remote.rkey(), local, landing, room));
        assertSame(local, from, local, landing, room);
        assertThat(bytes(local, landing - 1, 1)).containsExactly(GUARD);
        if (landing + room < REGION_BYTES) {
            assertThat(bytes(local, landing + room, 1)).containsExactly(GUARD);
        }
    }

    /** R5: from 64 KiB to 64 MiB, whole and with odd lengths, in one element each. */
    @Test
    void largeTransfersArriveWhole() {
        try (MemoryRegion source = fabric().newLocal(LARGEST);
                MemoryRegion target = fabric().newRemote(LARGEST)) {
            fillPattern(source, 0, LARGEST, 64);
            for (int length : new int[] {65536, (1 << 20) + 1, (4 << 20) - 3, LARGEST}) {
                poster().complete(chain -> chain.write(target.address(), target.rkey(), source, 0, length));
                assertSame(source, 0, target, 0, length);
            }
            source.fill(0, LARGEST, (byte) 0);
            poster().complete(chain -> chain.read(target.address(), target.rkey(), source, 0, LARGEST));
            assertSame(source, 0, target, 0, LARGEST);
        }
    }

    /** R5: a chain may gather from and scatter to several local regions. */
    @Test
    void oneChainUsesSeveralLocalRegions() {
        try (MemoryRegion other = fabric().newLocal(4096)) {
            fillPattern(local, 0, 512, 1);
            fillPattern(other, 0, 512, 2);
            poster().complete(chain -> {
                chain.write(at(0), remote.rkey(), local, 0, 512);
                chain.write(at(512), remote.rkey(), other, 0, 512);
                chain.read(at(0), remote.rkey(), other, 1024, 512);
                chain.read(at(512), remote.rkey(), local, 1024, 512);
            });
            assertSame(local, 0, other, 1024, 512);
            assertSame(other, 0, local, 1024, 512);
        }
    }

    /** R4: words are little-endian on both sides. */
    @Test
    void wordsAreLittleEndian() {
        long word = 0x0102030405060708L;
        poster().writeWord(at(64), remote.rkey(), word);
        assertThat(bytes(remote, 64, 8)).containsExactly(8, 7, 6, 5, 4, 3, 2, 1);
        assertThat(remote.getWord(64)).isEqualTo(word);
        remote.put(128, ByteBuffer.wrap(new byte[] {1, 0, 0, 0, 0, 0, 0, (byte) 0x80}));
        assertThat(poster().readWord(at(128), remote.rkey())).isEqualTo(Long.MIN_VALUE + 1);
    }

    /** R5: what this side's CPU stored before the post is what peers read, and the other way round. */
    @Test
    void theCpuOfTheServingSideSeesAndIsSeen() {
        for (long value : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0x8000_0000L}) {
            remote.putWord(8, value);
            assertThat(poster().readWord(at(8), remote.rkey())).isEqualTo(value);
            poster().writeWord(at(16), remote.rkey(), ~value);
            assertThat(remote.getWord(16)).isEqualTo(~value);
        }
    }

    /** The value of a word WRITE is taken when it is added, not when it is posted. */
    @Test
    void writtenWordsAreIndependentOfEachOther() {
        poster().complete(chain -> {
            for (int i = 0; i < 16; i++) {
                chain.writeWord(at(8L * i), remote.rkey(), 1000 + i);
            }
        });
        for (int i = 0; i < 16; i++) {
            assertThat(remote.getWord(8L * i)).isEqualTo(1000 + i);
        }
    }

    /** Either end of a connection may post: the served side reaches the initiator's memory the same way. */
    @Test
    void theServingEndMayPostToo() {
        try (ConnectedPair pair = fabric().connect();
                MemoryRegion far = fabric().initiatingDomain().allocate(4096, Fabric.REMOTE_ALL);
                MemoryRegion near = fabric().servingDomain().allocate(4096, Set.of())) {
            fillPattern(near, 0, 1000, 3);
            Poster back = new Poster(pair.server(), patience());
            back.complete(chain -> chain.write(far.address(), far.rkey(), near, 0, 1000));
            assertSame(near, 0, far, 0, 1000);
            assertThat(back.fetchAdd(far.address() + 1024, far.rkey(), 5)).isZero();
            assertThat(far.getWord(1024)).isEqualTo(5);
        }
    }

    /** Both ends may be in one domain: a loop-back connection reaches the domain's own memory. */
    @Test
    void loopBackConnectionReachesItsOwnDomain() {
        try (ConnectedPair pair = ConnectedPair.loopBack(fabric().servingDomain());
                MemoryRegion own = fabric().servingDomain().allocate(4096, Set.of())) {
            fillPattern(own, 0, 4096, 4);
            fabric().poster(pair).complete(chain -> chain.write(at(4096), remote.rkey(), own, 0, 4096));
            assertSame(own, 0, remote, 4096, 4096);
        }
    }

    /** A registered direct buffer is a local region; the buffer sees what a READ brings. */
    @Test
    void registeredBufferIsUsedInPlace() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(8192).order(ByteOrder.nativeOrder());
        buffer.position(100).limit(4196);
        try (MemoryRegion region = fabric().initiatingDomain().register(buffer, Set.of())) {
            assertThat(region.length()).isEqualTo(4096);
            assertThat(region.rkey()).isZero();
            fillPattern(remote, 0, 4096, 5);
            poster().complete(chain -> chain.read(at(0), remote.rkey(), region, 0, 4096));
            assertThat(buffer).isEqualTo(remote.slice(0, 4096));
            buffer.put(100, (byte) 0x77);
            poster().complete(chain -> chain.write(at(4096), remote.rkey(), region, 0, 1));
            assertThat(bytes(remote, 4096, 1)).containsExactly(0x77);
        }
    }

    /** Remote rights on a registered buffer work where declared, and are refused where not. */
    @Test
    void remoteRegistrationIsAsDeclared() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(4096).order(ByteOrder.nativeOrder());
        if (!capabilities().remoteRegistration()) {
            assertInvalid(() -> fabric().servingDomain().register(buffer, Fabric.REMOTE_ALL));
            return;
        }
        try (MemoryRegion region = fabric().servingDomain().register(buffer, Fabric.REMOTE_ALL)) {
            poster().writeWord(region.address() + (-region.address() & 7), region.rkey(), 42);
            assertThat(region.getWord(-region.address() & 7)).isEqualTo(42);
        }
    }

    /** R5: the same memory moved many times between random places keeps up with a model on the heap. */
    @Test
    void randomTransfersMatchAModel() {
        long seed = System.nanoTime();
        System.out.println("TCK randomTransfersMatchAModel seed=" + seed);
        Random random = new Random(seed);
        byte[] model = new byte[REGION_BYTES];
        fillPattern(local, 0, REGION_BYTES, seed);
        byte[] source = bytes(local, 0, REGION_BYTES);
        for (int round = 0; round < 60; round++) {
            CompletionStatus status = poster().post(chain -> randomWrites(chain, random, source, model));
            assertThat(status).isEqualTo(CompletionStatus.SUCCESS);
        }
        assertThat(remote.slice(0, REGION_BYTES).mismatch(ByteBuffer.wrap(model)))
                .as("first difference")
                .isEqualTo(-1);
    }

    private void randomWrites(Chain chain, Random random, byte[] source, byte[] model) {
        for (int i = 0; i < 8; i++) {
            int length = 1 + random.nextInt(3000);
            int from = random.nextInt(REGION_BYTES - length);
            int to = random.nextInt(REGION_BYTES - length);
            chain.write(at(to), remote.rkey(), local, from, length);
            System.arraycopy(source, from, model, to, length);
        }
    }
}
