package io.finemem.allocator.owner;

import java.util.Arrays;

/**
 * What headers, or section words, will be once all that is under way on one connection has executed. Atomics of one
 * connection execute in posting order, so a claim may expect what the one before it will leave. If that one fails those
 * behind it fail too: the foreseen word is then the one that was found, and a new generation begins, by which the failures
 * of those behind are known for what they are.
 *
 * <p><b>Thread-safety.</b> Used by one thread at a time. Creates no garbage.
 */
final class Foresight {
    private static final int NONE = -1;

    /** By unit: position in the arrays below, plus 1; 0 if nothing is under way for it. */
    private final byte[] positions;

    private final int[] units;
    private final long[] words;
    private final int[] generations;
    private final int[] underWay;

    /**
     * Nothing is under way.
     *
     * @param capacity most chains under way, up to {@link Byte#MAX_VALUE}
     */
    Foresight(int numberOfUnits, int capacity) {
        this.positions = new byte[numberOfUnits];
        this.units = new int[capacity];
        this.words = new long[capacity];
        this.generations = new int[capacity];
        this.underWay = new int[capacity];
        Arrays.fill(units, NONE);
    }

    /** Whether something is under way for the unit. */
    boolean holds(int unit) {
        return positions[unit] != 0;
    }

    /** The foreseen word of a unit for which something is under way. */
    long word(int unit) {
        return words[positions[unit] - 1];
    }

    /** A chain that leaves this word, if it succeeds, was posted; returns its generation. */
    int posted(int unit, long wordAfter) {
        int position = positions[unit] - 1;
        if (position < 0) {
            position = freePosition();
            positions[unit] = (byte) (position + 1);
            units[position] = unit;
            underWay[position] = 0;
        }
        underWay[position]++;
        words[position] = wordAfter;
        return generations[position];
    }

    private int freePosition() {
        int position = 0;
        while (units[position] != NONE) {
            position++;
        }
        return position;
    }

    /**
     * A chain completed and the word was found to be another one than foreseen, or the claim failed.
     *
     * @return false if it was because of one that was posted before it and failed
     */
    boolean differs(int unit, int generation, long found) {
        int position = positions[unit] - 1;
        if (generations[position] != generation) {
            return false;
        }
        generations[position]++;
        words[position] = found;
        return true;
    }

    /** A chain for the unit is not under way any more. */
    void ended(int unit) {
        int position = positions[unit] - 1;
        if (--underWay[position] == 0) {
            positions[unit] = 0;
            units[position] = NONE;
        }
    }

    /** The connection failed: nothing is under way. */
    void clear() {
        for (int position = 0; position < units.length; position++) {
            if (units[position] != NONE) {
                positions[units[position]] = 0;
                units[position] = NONE;
            }
        }
    }
}
