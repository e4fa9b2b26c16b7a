package io.finemem.allocator.resume;

import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.api.ProtocolViolation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Names one holding of a block by one owner, for as long as it is held, whatever process the owner runs in. Two holdings never
 * have equal identities, also if they are of the same memory. It is no secret: it opens nothing.
 *
 * <pre>
 *   bytes  0..7 boot nonce   8..15 units   16..19 owner id   20..23 slot   24..27 generation   28..31 CRC-32C of the bytes before
 *   little-endian
 * </pre>
 *
 * @param bootNonce random number of the run of the memory node: a node that was restarted has none of its former blocks
 * @param units what the block's journal slot says, as {@link JournalSlot#pending}: which chunks, spans or sections it is made of
 * @param ownerId id of the owner at that memory node, 1 or more
 * @param slot index of the block's slot in the memory node's journal
 * @param generation unsigned; tells holdings of the same memory apart, that of {@link io.finemem.api.BlockHandle#generation}
 */
public record BlockIdentity(long bootNonce, long units, int ownerId, int slot, int generation) {
    /** Length of the stored form. */
    public static final int BYTES = 2 * Long.BYTES + 4 * Integer.BYTES;

    private static final int CHECKED = BYTES - Integer.BYTES;

    /** Takes the fields of an identity, where there must be no garbage. */
    public interface Target {
        /** Fields as those of {@link BlockIdentity}. */
        void identity(long bootNonce, long units, int ownerId, int slot, int generation);
    }

    /** Checks the ranges. */
    public BlockIdentity {
        if (ownerId < 1 || slot < 0 || !namesBlock(units)) {
            throw new IllegalArgumentException("no block has that owner, slot or units: " + ownerId + ", " + slot + ", "
                    + JournalSlot.toString(units));
        }
    }

    private static boolean namesBlock(long units) {
        int mask = JournalSlot.mask(units);
        return JournalSlot.kind(units) == JournalSlot.PENDING
                && switch (JournalSlot.type(units)) {
                    case JournalSlot.CHUNKS -> isRun(mask, Geometry.CHUNKS_PER_SPAN / 2);
                    case JournalSlot.SPANS -> isRun(mask, Geometry.SPANS_PER_SECTION);
                    case JournalSlot.SECTIONS ->
                        mask > 0 && JournalSlot.unit(units) + (long) mask <= MetadataLayout.MAX_SECTIONS;
                    default -> false;
                };
    }

    /** A run of a power of two, aligned to its length. */
    private static boolean isRun(int mask, int longest) {
        int length = Integer.bitCount(mask);
        int first = Integer.numberOfTrailingZeros(mask);
        return Integer.bitCount(length) == 1
                && length <= longest
                && mask >>> first == (1 << length) - 1
                && first % length == 0;
    }

    /** Length of the block in bytes. */
    public long length() {
        int mask = JournalSlot.mask(units);
        return switch (JournalSlot.type(units)) {
            case JournalSlot.CHUNKS -> (long) Integer.bitCount(mask) * Geometry.CHUNK_BYTES;
            case JournalSlot.SPANS -> (long) Integer.bitCount(mask) * Geometry.SPAN_BYTES;
            default -> mask * (long) Geometry.SECTION_BYTES;
        };
    }

    /** Writes {@link #BYTES} at the position of a buffer, which moves behind them; the buffer's byte order does not matter. */
    public void put(ByteBuffer target) {
        int start = target.position();
        ByteBuffer out = target.slice(start, BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(bootNonce).putLong(units).putInt(ownerId).putInt(slot).putInt(generation);
        out.putInt(checksum(out));
        target.position(start + BYTES);
    }

    /**
     * Reads what {@link #put} wrote, from the position of a buffer, which moves behind it.
     *
     * @throws ProtocolViolation if it is not that, such as half-written bytes
     */
    public static BlockIdentity get(ByteBuffer source) {
        if (source.remaining() < BYTES) {
            throw new ProtocolViolation("a stored block identity is cut off", "bytes", source.remaining());
        }
        int start = source.position();
        ByteBuffer in = source.slice(start, BYTES).order(ByteOrder.LITTLE_ENDIAN);
        source.position(start + BYTES);
        if (in.getInt(CHECKED) != checksum(in)) {
            throw new ProtocolViolation("a stored block identity is corrupted");
        }
        try {
            return new BlockIdentity(in.getLong(), in.getLong(), in.getInt(), in.getInt(), in.getInt());
        } catch (IllegalArgumentException e) {
            throw new ProtocolViolation(e, "a stored block identity names no block", "cause", e.getMessage());
        }
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(0).limit(CHECKED));
        return (int) crc.getValue();
    }

    @Override
    public String toString() {
        return "block{run=" + Long.toHexString(bootNonce) + " owner=" + ownerId + " slot=" + slot + " generation="
                + Integer.toUnsignedString(generation) + " " + JournalSlot.toString(units) + "}";
    }
}
