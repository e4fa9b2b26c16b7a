package io.finemem.allocator.layout;

import io.finemem.api.ProtocolViolation;
import java.util.function.IntToLongFunction;

/**
 * Start of the metadata region: what the region is and how it is laid out.
 *
 * <pre>
 *  offset  0 magic "FINEMEM\0"   8 layout version   16 boot nonce   24 sections   32 journal segments   40 slots of a segment
 *        48 entries of a revoke ring   56 checksum   64 sweeps, strict isolation only
 * </pre>
 *
 * The checksum is over the words before it, so that a region of something else, or a half-written one, is refused. Sweeps
 * counts how often the memory node was done with all that it was asked to revoke; it is no part of the record.
 *
 * @param bootNonce random number of this run of the memory node
 * @param sections sections of the heap
 * @param journalSegments segments of the journal
 * @param segmentSlots slots of a segment
 * @param ringEntries entries of a revoke ring, 0 in direct isolation
 */
public record Superblock(long bootNonce, int sections, int journalSegments, int segmentSlots, int ringEntries) {
    /** Version of the whole metadata layout. */
    public static final int LAYOUT_VERSION = 4;
    /** Words of a superblock. */
    public static final int WORDS = 8;

    private static final long MAGIC = 0x004d_454d_454e_4946L;
    private static final long CHECKSUM_PRIME = 0x9e37_79b9_7f4a_7c15L;

    /** The words in their order. */
    public long[] words() {
        long[] words = {MAGIC, LAYOUT_VERSION, bootNonce, sections, journalSegments, segmentSlots, ringEntries, 0};
        words[WORDS - 1] = checksum(words);
        return words;
    }

    /**
     * Reads and checks a superblock.
     *
     * @param wordAt gives the word at an index, 0 to 7
     * @throws ProtocolViolation if it is not a superblock, is of another version, or is corrupted
     */
    public static Superblock parse(IntToLongFunction wordAt) {
        long[] words = new long[WORDS];
        for (int i = 0; i < WORDS; i++) {
            words[i] = wordAt.applyAsLong(i);
        }
        if (words[0] != MAGIC) {
            throw new ProtocolViolation(
                    "this is not the metadata of a memory node", "magic", Long.toHexString(words[0]));
        }
        if (words[1] != LAYOUT_VERSION) {
            throw new ProtocolViolation(
                    "the memory node uses another metadata layout; use the same release on both sides",
                    "theirs",
                    words[1],
                    "ours",
                    LAYOUT_VERSION);
        }
        if (words[WORDS - 1] != checksum(words)) {
            throw new ProtocolViolation("the superblock is corrupted", "checksum", Long.toHexString(words[WORDS - 1]));
        }
        return ofGeometry(words);
    }

    /** The checksum is no proof: a geometry that no memory node can have must not become addresses. */
    private static Superblock ofGeometry(long[] words) {
        try {
            Superblock superblock = new Superblock(
                    words[2],
                    Math.toIntExact(words[3]),
                    Math.toIntExact(words[4]),
                    Math.toIntExact(words[5]),
                    Math.toIntExact(words[6]));
            superblock.layout();
            return superblock;
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw new ProtocolViolation(
                    e,
                    "the superblock describes a pool that cannot be",
                    "sections",
                    words[3],
                    "journalSegments",
                    words[4],
                    "segmentSlots",
                    words[5],
                    "ringEntries",
                    words[6]);
        }
    }

    /** The layout that it describes. */
    public MetadataLayout layout() {
        return new MetadataLayout(
                sections, journalSegments, segmentSlots, ringEntries, MetadataLayout.DEFAULT_NODE_SLOTS);
    }

    private static long checksum(long[] words) {
        long sum = 0;
        for (int i = 0; i < WORDS - 1; i++) {
            sum = Long.rotateLeft(sum ^ words[i], 23) * CHECKSUM_PRIME;
        }
        return sum;
    }
}
