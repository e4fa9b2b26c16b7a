package io.finemem.transport.shm;

import io.finemem.api.ProtocolViolation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * What the peer needs to connect to an end.
 *
 * <pre>
 *   0 magic (4) | 4 version (2) | 6 bytes of the path (2) | 8 nonce (8) | 16 incarnation (8) | 24 slot (4)
 *   28 path, UTF-8 | CRC-32 of all before (4)                                           little-endian
 * </pre>
 *
 * @param fabric absolute path of the fabric
 * @param nonce random number in the header of the fabric
 * @param slot which end
 * @param incarnation which use of the slot
 */
record Descriptor(Path fabric, long nonce, int slot, long incarnation) {
    private static final int MAX_BYTES = 512;
    private static final int MAGIC = 0x4D48_5346;
    private static final short VERSION = 1;
    private static final int VERSION_AT = Integer.BYTES;
    private static final int PATH_LENGTH_AT = VERSION_AT + Short.BYTES;
    private static final int NONCE_AT = PATH_LENGTH_AT + Short.BYTES;
    private static final int INCARNATION_AT = NONCE_AT + Long.BYTES;
    private static final int SLOT_AT = INCARNATION_AT + Long.BYTES;
    private static final int PATH_AT = SLOT_AT + Integer.BYTES;
    private static final int CHECKSUM_BYTES = Integer.BYTES;
    private static final int MAX_PATH_BYTES = MAX_BYTES - PATH_AT - CHECKSUM_BYTES;

    static final int MAX_DIRECTORY_BYTES = MAX_PATH_BYTES - 1 - FabricName.MAX_BYTES;

    /** Whether descriptors can name files in this directory. */
    static boolean fits(Path directory) {
        return directory.toString().getBytes(StandardCharsets.UTF_8).length <= MAX_DIRECTORY_BYTES;
    }

    byte[] encode() {
        byte[] path = fabric.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(PATH_AT + path.length + CHECKSUM_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(MAGIC)
                .putShort(VERSION)
                .putShort((short) path.length)
                .putLong(nonce)
                .putLong(incarnation)
                .putInt(slot)
                .put(path);
        return bytes.putInt(checksum(bytes.array())).array();
    }

    private static int checksum(byte[] descriptor) {
        CRC32 crc = new CRC32();
        crc.update(descriptor, 0, descriptor.length - CHECKSUM_BYTES);
        return (int) crc.getValue();
    }

    /**
     * The descriptor in these bytes.
     *
     * @throws ProtocolViolation if they are malformed, or of another transport or version
     */
    static Descriptor decode(byte[] descriptor) {
        if (descriptor.length <= PATH_AT + CHECKSUM_BYTES || descriptor.length > MAX_BYTES) {
            throw new ProtocolViolation(
                    "a connection descriptor of this length is not valid", "bytes", descriptor.length);
        }
        ByteBuffer bytes = ByteBuffer.wrap(descriptor).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getInt(0) != MAGIC) {
            throw new ProtocolViolation(
                    "the connection descriptor is not one of transport shm; both sides must use shm");
        }
        if (bytes.getShort(VERSION_AT) != VERSION) {
            throw new ProtocolViolation(
                    "the connection descriptor has another version; both sides must run the same release",
                    "version",
                    bytes.getShort(VERSION_AT),
                    "expected",
                    VERSION);
        }
        int pathBytes = descriptor.length - PATH_AT - CHECKSUM_BYTES;
        boolean whole = bytes.getShort(PATH_LENGTH_AT) == pathBytes
                && bytes.getInt(PATH_AT + pathBytes) == checksum(descriptor);
        if (!whole) {
            throw new ProtocolViolation("the connection descriptor is damaged", "bytes", descriptor.length);
        }
        Path path = path(new String(descriptor, PATH_AT, pathBytes, StandardCharsets.UTF_8));
        return new Descriptor(path, bytes.getLong(NONCE_AT), bytes.getInt(SLOT_AT), bytes.getLong(INCARNATION_AT));
    }

    private static Path path(String text) {
        try {
            Path path = Path.of(text);
            if (path.isAbsolute() && FabricName.of(path).isPresent()) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw new ProtocolViolation(e, "the path in the connection descriptor is not valid");
        }
        throw new ProtocolViolation("the path in the connection descriptor is not one of a fabric", "path", text);
    }
}
