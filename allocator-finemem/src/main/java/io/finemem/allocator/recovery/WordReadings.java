package io.finemem.allocator.recovery;

import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Reads the suspected words twice and judges them (rule R11). A word that is the same both times, version included, did not
 * change in between; but only as long as its version cannot have gone round meanwhile: 2^29 changes of a header, 2^32 of a
 * section word. At 50 million changes of one word in a second, more than any adapter does, a header needs 10 s for that and a
 * section word 86 s; so readings that are further apart than a tenth of that count as changed.
 */
final class WordReadings {
    private static final long HEADER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SECTION_NANOS = TimeUnit.SECONDS.toNanos(8);

    private final LongSupplier nanoTime;
    private long began;

    /** Readings that measure their distance by this clock. */
    WordReadings(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The first reading begins. */
    void begin() {
        began = nanoTime.getAsLong();
    }

    /** Whether the first reading is too long ago for headers to be compared with it. */
    boolean tooOld() {
        return nanoTime.getAsLong() - began > HEADER_NANOS;
    }

    /** A transition takes two elements: section word, then header. */
    void read(Cursor cursor, WordChain chain, Suspects suspects) {
        for (; cursor.position() < suspects.size() && cursor.hasRoomFor(2); cursor.advance()) {
            int index = cursor.position();
            if (suspects.finding(index) != Suspects.Finding.OPEN) {
                continue;
            }
            cursor.add(index);
            chain.read(suspects.wordOffset(index));
            if (suspects.transition(index)) {
                cursor.add(index);
                chain.read(suspects.headerOffset(index));
            }
        }
    }

    void first(Cursor cursor, WordResults results, Suspects suspects) {
        for (int i = 0; i < cursor.size(); i++) {
            int index = cursor.meaning(i);
            suspects.setWord(index, results.word(i));
            if (suspects.transition(index)) {
                suspects.setHeader(index, results.word(++i));
            }
            if (!suspects.suspicious(index)) {
                suspects.find(index, Suspects.Finding.SETTLED);
            }
        }
    }

    void second(Cursor cursor, WordResults results, Suspects suspects) {
        for (int i = 0; i < cursor.size(); i++) {
            int index = cursor.meaning(i);
            long word = results.word(i);
            boolean changed = false;
            if (suspects.frozen(index)) {
                // No claim was possible since: a bit that is still set had one holder all the time.
                suspects.setWord(index, word);
            } else {
                changed = word != suspects.word(index) || outlived(suspects.chunks(index));
            }
            if (suspects.transition(index)) {
                changed |= results.word(++i) != suspects.header(index);
            }
            suspects.find(index, judge(index, changed, suspects));
        }
    }

    private boolean outlived(boolean header) {
        return nanoTime.getAsLong() - began > (header ? HEADER_NANOS : SECTION_NANOS);
    }

    private static Suspects.Finding judge(int index, boolean changed, Suspects suspects) {
        if (changed) {
            return Suspects.Finding.CHANGED;
        }
        if (suspects.doubtful(index) != 0) {
            return Suspects.Finding.WAITING;
        }
        return suspects.suspicious(index) ? Suspects.Finding.OPEN : Suspects.Finding.SETTLED;
    }

    WordReadings copy() {
        WordReadings copy = new WordReadings(nanoTime);
        copy.began = began;
        return copy;
    }
}
