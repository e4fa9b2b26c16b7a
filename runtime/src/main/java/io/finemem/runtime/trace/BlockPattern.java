package io.finemem.runtime.trace;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a replay writes into its blocks: no two words of any two blocks of any two owners are equal, and a word found in
 * the wrong place tells whose it is. A word is this, sent through a bijection that spreads every bit over all others:
 * <pre>
 *   63            52 51                    24 23                  0
 *  +----------------+------------------------+---------------------+
 *  | owner       12 | block               28 | word in block    24 |
 *  +----------------+------------------------+---------------------+
 * </pre>
 */
public final class BlockPattern {
    private static final int WORD_BITS = 24;
    private static final int BLOCK_BITS = 28;
    private static final int OWNER_BITS = 12;
    private static final int BLOCK_SHIFT = WORD_BITS;
    private static final int OWNER_SHIFT = BLOCK_SHIFT + BLOCK_BITS;

    /** Largest owner. */
    public static final int MAX_OWNER = (1 << OWNER_BITS) - 1;
    /** Largest number of a block. */
    public static final int MAX_BLOCK = (1 << BLOCK_BITS) - 1;
    /** Longest block in bytes. */
    public static final long MAX_BLOCK_BYTES = (long) Long.BYTES << WORD_BITS;

    // Steps of the 64-bit finaliser of MurmurHash3 (odd multipliers and their inverses modulo 2^64).
    private static final int FOLD = 33;
    private static final long FIRST = 0xff51afd7ed558ccdL;
    private static final long SECOND = 0xc4ceb9fe1a85ec53L;
    private static final long FIRST_INVERSE = inverse(FIRST);
    private static final long SECOND_INVERSE = inverse(SECOND);

    private BlockPattern() {}

    /** The word at an index of a block. */
    public static long word(int owner, int block, long index) {
        return mix((long) owner << OWNER_SHIFT | (long) block << BLOCK_SHIFT | index);
    }

    /**
     * Fills the buffer from position to limit, whole words, little-endian, with those from an index; the position
     * stays.
     */
    public static void fill(ByteBuffer buffer, int owner, int block, long firstIndex) {
        buffer.order(ByteOrder.LITTLE_ENDIAN);
        int start = buffer.position();
        for (int i = 0; i < buffer.remaining() / Long.BYTES; i++) {
            buffer.putLong(start + i * Long.BYTES, word(owner, block, firstIndex + i));
        }
    }

    /** Whose a found word is, in words; meaningless for words that no replay wrote. */
    public static String describe(long found) {
        if (found == 0) {
            return "zero";
        }
        long plain = unmix(found);
        return String.format(
                "0x%016x, which is the pattern of owner %d, block %d, offset %d if a replay wrote it",
                found,
                plain >>> OWNER_SHIFT,
                plain >>> BLOCK_SHIFT & MAX_BLOCK,
                (plain & ((1L << WORD_BITS) - 1)) * Long.BYTES);
    }

    private static long mix(long plain) {
        long word = (plain ^ plain >>> FOLD) * FIRST;
        word = (word ^ word >>> FOLD) * SECOND;
        return word ^ word >>> FOLD;
    }

    /** A shift by more than half the word is its own inverse. */
    private static long unmix(long mixed) {
        long word = (mixed ^ mixed >>> FOLD) * SECOND_INVERSE;
        word = (word ^ word >>> FOLD) * FIRST_INVERSE;
        return word ^ word >>> FOLD;
    }

    /** Newton's iteration: each step doubles the number of right bits, 3 to begin with. */
    private static long inverse(long odd) {
        long inverse = odd;
        for (int rightBits = 3; rightBits < Long.SIZE; rightBits *= 2) {
            inverse *= 2 - odd * inverse;
        }
        return inverse;
    }
}
