package io.finemem.transport.verbs;

import io.finemem.api.ProtocolViolation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * What a peer must know of a queue pair. Little-endian:
 * <pre>
 *  0      4        6      7       8     12     16    18     19          20      36     40
 *  +------+--------+------+-------+-----+------+-----+------+-----------+-------+------+
 *  |magic |version | link |   0   | QPN | PSN  | LID | MTU  | reads in  | GID   | CRC  |
 *  |  4   |   2    |  1   |   1   |  4  |  4   |  2  |  1   |    1      | 16    |  4   |
 *  +------+--------+------+-------+-----+------+-----+------+-----------+-------+------+
 * </pre>
 *
 * @param ethernet link layer: RoCE, otherwise InfiniBand
 * @param queuePair its number, 24 bits
 * @param psn first packet sequence number that it sends, 24 bits
 * @param lid local identifier, 0 on Ethernet
 * @param mtuCode longest packets it takes: 1 to 5 for 256 to 4096 bytes
 * @param readsIn READs and atomics that it serves at a time, 1 to 255
 * @param gid address, 16 bytes
 */
record ConnectionDescriptor(boolean ethernet, int queuePair, int psn, int lid, int mtuCode, int readsIn, byte[] gid) {
    private static final int MAGIC = 'F' | 'M' << 8 | 'v' << 16 | 'b' << 24;
    private static final short VERSION = 1;
    private static final byte INFINIBAND = 1;
    private static final byte ETHERNET = 2;
    private static final int BYTES = 40;
    private static final int CHECKED_BYTES = BYTES - Integer.BYTES;
    private static final int MAX_24_BITS = (1 << 24) - 1;
    private static final int MAX_MTU_CODE = 5;

    byte[] encode() {
        ByteBuffer buffer = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(MAGIC)
                .putShort(VERSION)
                .put(ethernet ? ETHERNET : INFINIBAND)
                .put((byte) 0);
        buffer.putInt(queuePair)
                .putInt(psn)
                .putShort((short) lid)
                .put((byte) mtuCode)
                .put((byte) readsIn);
        buffer.put(gid).putInt(checksum(buffer.array()));
        return buffer.array();
    }

    /**
     * Reads a peer's descriptor.
     *
     * @throws ProtocolViolation if it is not one, of another version, or damaged
     */
    static ConnectionDescriptor decode(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < Integer.BYTES + Short.BYTES || buffer.getInt() != MAGIC) {
            throw new ProtocolViolation(
                    "the peer's descriptor is not one of a verbs connection", "bytes", bytes.length);
        }
        short version = buffer.getShort();
        if (version != VERSION) {
            throw new ProtocolViolation(
                    "the peer's descriptor has another version", "expected", VERSION, "found", version);
        }
        if (bytes.length != BYTES
                || ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(CHECKED_BYTES) != checksum(bytes)) {
            throw new ProtocolViolation("the peer's descriptor is damaged", "bytes", bytes.length);
        }
        byte link = buffer.get();
        buffer.get();
        byte[] gid = new byte[Gid.BYTES];
        ConnectionDescriptor read = new ConnectionDescriptor(
                link == ETHERNET,
                buffer.getInt(),
                buffer.getInt(),
                Short.toUnsignedInt(buffer.getShort()),
                buffer.get(),
                Byte.toUnsignedInt(buffer.get()),
                gid);
        buffer.get(gid);
        if (link != ETHERNET && link != INFINIBAND || !read.inRange()) {
            throw new ProtocolViolation("the peer's descriptor has a field out of range", "descriptor", read);
        }
        return read;
    }

    private boolean inRange() {
        return queuePair >= 0
                && queuePair <= MAX_24_BITS
                && psn >= 0
                && psn <= MAX_24_BITS
                && mtuCode >= 1
                && mtuCode <= MAX_MTU_CODE
                && readsIn >= 1;
    }

    private static int checksum(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, CHECKED_BYTES);
        return (int) crc.getValue();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConnectionDescriptor that && Arrays.equals(encode(), that.encode());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encode());
    }

    @Override
    public String toString() {
        return "qp=" + queuePair + " psn=" + psn + " lid=" + lid + " mtu=" + mtuCode + " readsIn=" + readsIn;
    }
}
