package io.finemem.verbs.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Golden bytes of socket addresses. */
class SocketAddressFieldsTest {
    private static final String ZEROES_8 = "0000000000000000";

    @Test
    void ipv4HasFamily2AndBigEndianPortAndAddress() throws Exception {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 9, 0, 1}), 0x1234);

        assertThat(written(address)).isEqualTo("0200" + "1234" + "0a090001" + ZEROES_8 + ZEROES_8 + "00000000");
    }

    @Test
    void ipv6HasFamily10AndTheAddressAfterTheFlow() throws Exception {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("fe80::1"), 65535);

        assertThat(written(address))
                .isEqualTo("0a00" + "ffff" + "00000000" + "fe80" + "000000000000" + "0000000000000001" + "00000000");
    }

    @Test
    void whatWasWrittenIsReadBack() throws Exception {
        for (String host : new String[] {"10.9.0.1", "255.254.253.252", "2001:db8::ff"}) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), 50_000);
            try (Scratch memory = new Scratch(SocketAddressFields.BYTES)) {
                SocketAddressFields.set(memory.address(), address);

                assertThat(SocketAddressFields.get(memory.address())).isEqualTo(address);
            }
        }
    }

    @Test
    void memoryOfAnUnboundIdHasNoAddress() {
        try (Scratch memory = new Scratch(SocketAddressFields.STORAGE_BYTES)) {
            assertThat(SocketAddressFields.get(memory.address())).isNull();
        }
    }

    @Test
    void unresolvedNameIsRefused() {
        InetSocketAddress address = InetSocketAddress.createUnresolved("no.such.host", 1);

        try (Scratch memory = new Scratch(SocketAddressFields.BYTES)) {
            assertThatThrownBy(() -> SocketAddressFields.set(memory.address(), address))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageContaining("no.such.host");
        }
    }

    private static String written(InetSocketAddress address) throws Exception {
        try (Scratch memory = new Scratch(SocketAddressFields.BYTES)) {
            NativeMemory.fill(memory.address(), SocketAddressFields.BYTES, (byte) 0x55);
            SocketAddressFields.set(memory.address(), address);
            byte[] bytes = new byte[SocketAddressFields.BYTES];
            NativeMemory.get(memory.address(), bytes, 0, bytes.length);
            return HexFormat.of().formatHex(bytes);
        }
    }
}
