package io.finemem.transport.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.ProtocolViolation;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConnectionDescriptorTest {
    private static final int ROUNDS = 2000;

    @Test
    void goldenBytesStayAsTheyAre() {
        byte[] gid = Gid.parse(1, FakeSysfs.IPV4, FakeSysfs.V2, "").bytes();
        byte[] encoded = new ConnectionDescriptor(true, 0x123456, 0xABCDEF, 0x0102, 5, 16, gid).encode();
        assertThat(HexFormat.of().formatHex(encoded, 0, 36))
                .isEqualTo("464d7662" + "0100" + "02" + "00" + "56341200" + "efcdab00" + "0201" + "05" + "10"
                        + "00000000000000000000ffff0a090001");
        assertThat(encoded).hasSize(40);
    }

    @Test
    void whatWasWrittenIsReadBack() {
        Random random = seeded("whatWasWrittenIsReadBack");
        for (int round = 0; round < ROUNDS; round++) {
            ConnectionDescriptor descriptor = draw(random);
            assertThat(ConnectionDescriptor.decode(descriptor.encode())).isEqualTo(descriptor);
        }
    }

    @Test
    void anyDamageIsRefused() {
        Random random = seeded("anyDamageIsRefused");
        for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = draw(random).encode();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            assertRefused(damaged);
        }
    }

    @Test
    void otherLengthsAndNoiseAreRefused() {
        Random random = seeded("otherLengthsAndNoiseAreRefused");
        byte[] good = draw(random).encode();
        for (int length = 0; length < 512; length++) {
            if (length != good.length) {
                assertRefused(Arrays.copyOf(good, length));
            }
            byte[] noise = new byte[length];
            random.nextBytes(noise);
            assertRefused(noise);
        }
    }

    @Test
    void fieldsOutOfRangeAreRefusedThoughTheChecksumFits() {
        byte[] gid = new byte[16];
        assertRefused(new ConnectionDescriptor(true, 1 << 24, 0, 0, 5, 16, gid).encode());
        assertRefused(new ConnectionDescriptor(true, -1, 0, 0, 5, 16, gid).encode());
        assertRefused(new ConnectionDescriptor(true, 1, 1 << 24, 0, 5, 16, gid).encode());
        assertRefused(new ConnectionDescriptor(true, 1, 0, 0, 0, 16, gid).encode());
        assertRefused(new ConnectionDescriptor(true, 1, 0, 0, 6, 16, gid).encode());
        assertRefused(new ConnectionDescriptor(true, 1, 0, 0, 5, 0, gid).encode());
    }

    private static void assertRefused(byte[] bytes) {
        assertThatThrownBy(() -> ConnectionDescriptor.decode(bytes)).isInstanceOf(ProtocolViolation.class);
    }

    private static ConnectionDescriptor draw(Random random) {
        byte[] gid = new byte[16];
        random.nextBytes(gid);
        return new ConnectionDescriptor(
                random.nextBoolean(),
                random.nextInt(1 << 24),
                random.nextInt(1 << 24),
                random.nextInt(1 << 16),
                1 + random.nextInt(5),
                1 + random.nextInt(255),
                gid);
    }

    private static Random seeded(String test) {
        long seed = System.nanoTime();
        System.out.println(test + " seed=" + seed);
        return new Random(seed);
    }
}
