package io.finemem.transport.verbs;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.StringJoiner;

/**
 * One entry of a port's GID table: the address that peers route to.
 *
 * @param index place in the table
 * @param high upper 64 bits
 * @param low lower 64 bits
 * @param type as the kernel says: {@code RoCE v2} or {@code IB/RoCE v1}
 * @param interfaceName network interface it belongs to, empty on InfiniBand
 */
public record Gid(int index, long high, long low, String type, String interfaceName) {
    /** Bytes of a GID. */
    static final int BYTES = 2 * Long.BYTES;

    private static final long IPV4_MAPPED_LOW = 0xffffL << Integer.SIZE;
    private static final long IPV4_MAPPED_MASK = 0xffffffffL << Integer.SIZE;
    private static final long LINK_LOCAL_PREFIX = 0xfe80L << 48;
    private static final long LINK_LOCAL_MASK = 0xffc0L << 48;

    /** From the kernel's text, eight groups of four hexadecimal digits. */
    static Gid parse(int index, String text, String type, String interfaceName) {
        byte[] bytes = HexFormat.of().parseHex(text.replace(":", ""));
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("not a GID: " + text);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Gid(index, buffer.getLong(), buffer.getLong(), type, interfaceName);
    }

    /** As the device wants it: 16 bytes, big-endian. */
    byte[] bytes() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }

    /** An entry that is not in use. */
    boolean isEmpty() {
        return high == 0 && low == 0;
    }

    /** An IPv4 address, which is routable as the interface is. */
    public boolean isIpv4Mapped() {
        return high == 0 && (low & IPV4_MAPPED_MASK) == IPV4_MAPPED_LOW;
    }

    /** Reaches its own link only. */
    boolean isLinkLocal() {
        return (high & LINK_LOCAL_MASK) == LINK_LOCAL_PREFIX;
    }

    /** RoCE over UDP. */
    boolean isRoceV2() {
        return type.equals("RoCE v2");
    }

    /** Higher is better: RoCE v2 before v1, IPv4 before global IPv6 before link-local. */
    int preference() {
        int reach = isIpv4Mapped() ? 2 : isLinkLocal() ? 0 : 1;
        return (isRoceV2() ? 3 : 0) + reach;
    }

    /** Such as {@code 1 (::ffff:10.9.0.1, RoCE v2, eth0)}. */
    @Override
    public String toString() {
        String where = interfaceName.isEmpty() ? "" : ", " + interfaceName;
        return index + " (" + address() + ", " + type + where + ")";
    }

    private String address() {
        byte[] bytes = bytes();
        if (isIpv4Mapped()) {
            StringJoiner dotted = new StringJoiner(".", "::ffff:", "");
            for (int i = BYTES - Integer.BYTES; i < BYTES; i++) {
                dotted.add(Integer.toString(bytes[i] & 0xff));
            }
            return dotted.toString();
        }
        StringJoiner groups = new StringJoiner(":");
        for (int i = 0; i < BYTES; i += 2) {
            groups.add(Integer.toHexString((bytes[i] & 0xff) << Byte.SIZE | bytes[i + 1] & 0xff));
        }
        return groups.toString();
    }
}
