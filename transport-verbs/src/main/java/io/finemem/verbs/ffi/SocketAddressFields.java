package io.finemem.verbs.ffi;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct sockaddr_in} and {@code sockaddr_in6}; the family is in the machine's byte order, port and address are
 * big-endian.
 *
 * <pre>
 *        0        2      4            8                16
 *  IPv4  +--------+------+------------+----------------+
 *        |family 2|port 2| address 4  |       .        |
 *        0        2      4            8                24      28
 *  IPv6  +--------+------+------------+----------------+-------+
 *        |family 2|port 2| flowinfo 4 | address 16     |scope 4|
 *        +--------+------+------------+----------------+-------+
 * </pre>
 */
public final class SocketAddressFields {
    /** Size of a {@code sockaddr_in6}, the larger of the two. */
    public static final int BYTES = 28;
    /** Size of a {@code sockaddr_storage}, which fits all families. */
    public static final int STORAGE_BYTES = 128;

    private static final short AF_INET = 2;
    private static final short AF_INET6 = 10;
    private static final int FAMILY = 0;
    private static final int PORT = FAMILY + Short.BYTES;
    private static final int ADDRESS_4 = PORT + Short.BYTES;
    private static final int ADDRESS_6 = ADDRESS_4 + Integer.BYTES;
    private static final int BYTES_4 = 4;
    private static final int BYTES_6 = 16;

    private SocketAddressFields() {}

    /**
     * Writes {@link #BYTES} bytes.
     *
     * @throws UnknownHostException if the name of the address was not resolved
     */
    public static void set(long sockaddr, InetSocketAddress address) throws UnknownHostException {
        InetAddress host = address.getAddress();
        if (host == null) {
            throw new UnknownHostException(address.getHostString() + " is not resolved");
        }
        boolean four = host instanceof Inet4Address;
        NativeMemory.fill(sockaddr, BYTES, (byte) 0);
        NativeMemory.putShort(sockaddr + FAMILY, four ? AF_INET : AF_INET6);
        NativeMemory.putByte(sockaddr + PORT, address.getPort() >>> Byte.SIZE);
        NativeMemory.putByte(sockaddr + PORT + 1, address.getPort());
        byte[] bytes = host.getAddress();
        NativeMemory.put(sockaddr + (four ? ADDRESS_4 : ADDRESS_6), bytes, 0, bytes.length);
    }

    /** The address, or null if its family is none of the two, as in an id that is not bound. */
    public static @Nullable InetSocketAddress get(long sockaddr) {
        short family = NativeMemory.getShort(sockaddr + FAMILY);
        if (family != AF_INET && family != AF_INET6) {
            return null;
        }
        boolean four = family == AF_INET;
        byte[] bytes = new byte[four ? BYTES_4 : BYTES_6];
        NativeMemory.get(sockaddr + (four ? ADDRESS_4 : ADDRESS_6), bytes, 0, bytes.length);
        int high = NativeMemory.getByte(sockaddr + PORT) & 0xff;
        int low = NativeMemory.getByte(sockaddr + PORT + 1) & 0xff;
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), high << Byte.SIZE | low);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 and 16 bytes are addresses", e);
        }
    }
}
