package io.finemem.allocator.resume;

import io.finemem.allocator.control.ResumeToken;
import io.finemem.api.ProtocolViolation;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Admits the successor of an owner at one memory node. It holds a secret: who has it can take the owner and all its blocks, so
 * it is stored where only the owner reads it, and never appears in a text.
 *
 * <pre>
 *   u32 magic "FMRT"   u16 version   u16 length n of the name   n bytes name, UTF-8   i64 boot nonce   i32 owner id
 *   i32 incarnation   i64 token, high   i64 token, low   u32 CRC-32C of the bytes before            little-endian
 * </pre>
 *
 * @param memoryNode name of the memory node, for people
 * @param bootNonce random number of the run of the memory node
 * @param ownerId id of the owner there, 1 or more
 * @param incarnation sessions that the owner had had when the ticket was made, 1 or more; the token stays the same
 * @param token the secret
 */
public record ResumeTicket(String memoryNode, long bootNonce, int ownerId, int incarnation, ResumeToken token) {
    private static final int MAGIC = 0x5452_4d46;
    private static final short VERSION = 1;
    private static final int MAX_NAME_BYTES = 0xffff;
    private static final int FIXED_BYTES =
            2 * Integer.BYTES + 2 * Short.BYTES + Long.BYTES + 2 * Integer.BYTES + ResumeToken.BYTES;

    /** Checks the ranges. */
    public ResumeTicket {
        if (ownerId < 1 || incarnation < 1) {
            throw new IllegalArgumentException(
                    "owner and incarnation must be 1 or more: " + ownerId + ", " + incarnation);
        }
        if (memoryNode.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("name of a memory node must have up to " + MAX_NAME_BYTES + " bytes");
        }
    }

    /** The stored form; as secret as the ticket. */
    public byte[] toBytes() {
        byte[] name = memoryNode.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + name.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(MAGIC).putShort(VERSION).putShort((short) name.length).put(name);
        out.putLong(bootNonce).putInt(ownerId).putInt(incarnation);
        out.putLong(token.high()).putLong(token.low());
        return out.putInt(checksum(out.array(), out.position())).array();
    }

    /**
     * Reads what {@link #toBytes} gave.
     *
     * @throws ProtocolViolation if it is not that; the text says nothing of the content
     */
    public static ResumeTicket of(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        try {
            if (bytes.length < FIXED_BYTES || in.getInt() != MAGIC) {
                throw new ProtocolViolation("this is no resume ticket", "bytes", bytes.length);
            }
            int end = bytes.length - Integer.BYTES;
            if (in.getInt(end) != checksum(bytes, end)) {
                throw new ProtocolViolation("the resume ticket is corrupted", "bytes", bytes.length);
            }
            short version = in.getShort();
            if (version != VERSION) {
                throw new ProtocolViolation(
                        "the resume ticket is of another release", "theirs", version, "ours", VERSION);
            }
            byte[] name = new byte[Short.toUnsignedInt(in.getShort())];
            in.get(name);
            return read(new String(name, StandardCharsets.UTF_8), in);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new ProtocolViolation(e, "the resume ticket is corrupted", "bytes", bytes.length);
        }
    }

    private static ResumeTicket read(String name, ByteBuffer in) {
        ResumeTicket ticket = new ResumeTicket(
                name, in.getLong(), in.getInt(), in.getInt(), ResumeToken.of(in.getLong(), in.getLong()));
        if (in.remaining() != Integer.BYTES) {
            throw new ProtocolViolation("the resume ticket is corrupted", "bytes", in.capacity());
        }
        return ticket;
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
