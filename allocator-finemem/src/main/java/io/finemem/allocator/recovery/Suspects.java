package io.finemem.allocator.recovery;

import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.StateSink;
import java.util.Arrays;

/**
 * The words that slots of fenced owners name, each once, and what has been found out about them. A word is a span header
 * (chunks), a section word (whole spans), or the pair of both (a transition).
 */
final class Suspects {
    /** How a word stands. */
    enum Finding {
        /** Under examination. */
        OPEN,
        /** Nothing of it is held by a fenced owner any more. */
        SETTLED,
        /** It changed during the examination, which must be repeated. */
        CHANGED,
        /** An owner that is alive may hold a suspected unit; it has to say so or not. */
        WAITING
    }

    private static final int KIND_SHIFT = 40;
    private static final long CHUNKS = 0;
    private static final long SPANS = 1L << KIND_SHIFT;
    private static final long TRANSITION = 2L << KIND_SHIFT;

    private final MetadataLayout layout;
    private long[] keys = new long[16];
    private int[] masks = new int[16];
    private int size;

    private long[] words = {};
    private long[] headers = {};
    private int[] owned = {};
    private int[] pending = {};
    private int[] pendingOwner = {};
    private boolean[] frozen = {};
    private Finding[] findings = {};

    Suspects(MetadataLayout layout) {
        this.layout = layout;
    }

    Suspects copy() {
        Suspects copy = new Suspects(layout);
        copy.keys = keys.clone();
        copy.masks = masks.clone();
        copy.size = size;
        copy.words = words.clone();
        copy.headers = headers.clone();
        copy.owned = owned.clone();
        copy.pending = pending.clone();
        copy.pendingOwner = pendingOwner.clone();
        copy.frozen = frozen.clone();
        copy.findings = findings.clone();
        return copy;
    }

    void state(StateSink sink) {
        sink.number(size);
        for (int i = 0; i < findings.length; i++) {
            sink.number(keys[i]);
            sink.number(masks[i]);
            sink.number(findings[i].ordinal());
            sink.number(owned[i]);
            sink.number(pending[i]);
            sink.number(pendingOwner[i]);
            sink.number(frozen[i] ? 1 : 0);
            sink.word(wordOffset(i), words[i]);
            sink.word(transition(i) ? headerOffset(i) : wordOffset(i), headers[i]);
        }
    }

    /** Suspects every unit that a slot of a fenced owner names; a unit that does not exist is nobody's. */
    void add(long slot) {
        int unit = JournalSlot.unit(slot);
        switch (JournalSlot.type(slot)) {
            case JournalSlot.CHUNKS -> {
                if (unit < layout.spans()) {
                    put(CHUNKS | unit, JournalSlot.mask(slot));
                }
            }
            case JournalSlot.TRANSITION -> {
                if (unit < layout.spans()) {
                    put(TRANSITION | unit, 0);
                }
            }
            default -> {
                for (int section = unit; section < endOf(slot); section++) {
                    put(SPANS | section, JournalSlot.coveredSpans(slot, section));
                }
            }
        }
    }

    private int endOf(long slot) {
        long sections =
                JournalSlot.type(slot) == JournalSlot.SPANS ? 1 : Integer.toUnsignedLong(JournalSlot.mask(slot));
        return (int) Math.min(JournalSlot.unit(slot) + sections, layout.sections());
    }

    private void put(long key, int mask) {
        if (size == keys.length) {
            keys = Arrays.copyOf(keys, 2 * size);
            masks = Arrays.copyOf(masks, 2 * size);
        }
        keys[size] = key;
        masks[size++] = mask;
    }

    /** Ends the adding: words in ascending order, each once. */
    void seal() {
        long[] sortedKeys = Arrays.copyOf(keys, size);
        Arrays.sort(sortedKeys);
        int count = 0;
        for (long key : sortedKeys) {
            if (count == 0 || sortedKeys[count - 1] != key) {
                sortedKeys[count++] = key;
            }
        }
        int[] sortedMasks = new int[count];
        for (int i = 0; i < size; i++) {
            sortedMasks[Arrays.binarySearch(sortedKeys, 0, count, keys[i])] |= masks[i];
        }
        keys = sortedKeys;
        masks = sortedMasks;
        size = count;
        words = new long[size];
        headers = new long[size];
        owned = new int[size];
        pending = new int[size];
        pendingOwner = new int[size];
        frozen = new boolean[size];
        findings = new Finding[size];
        Arrays.fill(findings, Finding.OPEN);
    }

    /** Examines again what changed. */
    void reopen() {
        for (int i = 0; i < size; i++) {
            if (findings[i] == Finding.CHANGED) {
                owned[i] = 0;
                pending[i] = 0;
                pendingOwner[i] = 0;
                findings[i] = Finding.OPEN;
            }
        }
    }

    int size() {
        return size;
    }

    /** Whether some word stands like this. */
    boolean any(Finding finding) {
        for (int i = 0; i < size; i++) {
            if (findings[i] == finding) {
                return true;
            }
        }
        return false;
    }

    Finding finding(int index) {
        return findings[index];
    }

    void find(int index, Finding finding) {
        findings[index] = finding;
    }

    boolean transition(int index) {
        return keys[index] >= TRANSITION;
    }

    boolean chunks(int index) {
        return keys[index] < SPANS;
    }

    int unit(int index) {
        return (int) keys[index];
    }

    /** Offset of the word: the header of chunks, the section word of spans and of a transition. */
    long wordOffset(int index) {
        if (chunks(index)) {
            return layout.spanHeader(unit(index));
        }
        return layout.sectionWord(transition(index) ? Geometry.sectionOf(unit(index)) : unit(index));
    }

    /** Offset of the header of a transition. */
    long headerOffset(int index) {
        return layout.spanHeader(unit(index));
    }

    long word(int index) {
        return words[index];
    }

    void setWord(int index, long word) {
        words[index] = word;
    }

    /** Whether the resolution has closed the span for the time of its scan. */
    boolean frozen(int index) {
        return frozen[index];
    }

    void setFrozen(int index, boolean value) {
        frozen[index] = value;
    }

    /** Whether a resolution that was cut off has left the span frozen: nobody else closes a span with chunks in use. */
    boolean leftFrozen(int index) {
        return transition(index) && SpanHeader.map(headers[index]) != 0;
    }

    long header(int index) {
        return headers[index];
    }

    void setHeader(int index, long header) {
        headers[index] = header;
    }

    /** Units in use according to a value of the word. */
    int used(int index, long word) {
        return chunks(index) ? SpanHeader.map(word) : SectionWord.takenSpans(word);
    }

    /** Suspected units that were in use at the first reading and that nobody alive promises to hold. */
    int held(int index) {
        return used(index, words[index]) & masks[index] & ~owned[index];
    }

    /** Has the rkeys of the held units ended. */
    void nameHeld(int index, Revoker revoker) {
        if (chunks(index)) {
            revoker.chunks(unit(index), held(index));
        } else {
            revoker.spans(unit(index), held(index));
        }
    }

    /** What a fetch-and-add must add to give the held units back. */
    long freeAddend(int index) {
        return chunks(index) ? SpanHeader.freeAddend(held(index)) : SectionWord.freeAddend(held(index));
    }

    /** Whether there is something to give back, or a transition to end, according to the first reading. */
    boolean suspicious(int index) {
        if (transition(index)) {
            boolean open = SectionDecisions.open(words[index], Geometry.spanInSection(unit(index)));
            return open && !SpanHeader.open(headers[index]);
        }
        return held(index) != 0;
    }

    /** Suspected units that an owner alive may hold. */
    int doubtful(int index) {
        if (transition(index)) {
            return leftFrozen(index) ? 0 : pending[index];
        }
        return held(index) & pending[index];
    }

    /** The owner that has to say whether it holds the doubtful units. */
    int pendingOwner(int index) {
        return pendingOwner[index];
    }

    /** Takes note of a slot of an owner that is not fenced. */
    void witness(long slot, int owner) {
        int unit = JournalSlot.unit(slot);
        switch (JournalSlot.type(slot)) {
            case JournalSlot.CHUNKS -> witness(CHUNKS | unit, JournalSlot.mask(slot), slot, owner);
            case JournalSlot.TRANSITION -> witness(TRANSITION | unit, 1, slot, owner);
            default -> {
                for (int section = unit; section < endOf(slot); section++) {
                    witness(SPANS | section, JournalSlot.coveredSpans(slot, section), slot, owner);
                }
            }
        }
    }

    private void witness(long key, int units, long slot, int owner) {
        int index = Arrays.binarySearch(keys, 0, size, key);
        if (index < 0 || findings[index] != Finding.OPEN) {
            return;
        }
        if (JournalSlot.kind(slot) == JournalSlot.OWNED) {
            owned[index] |= units;
        } else {
            pending[index] |= units;
            // An owner that has other units of the word would be asked in vain.
            if (transition(index) || (held(index) & units) != 0) {
                pendingOwner[index] = owner;
            }
        }
    }

    /** Whether every word that the slot of a fenced owner names is settled: the slot may be erased. */
    boolean settled(long slot) {
        int unit = JournalSlot.unit(slot);
        return switch (JournalSlot.type(slot)) {
            case JournalSlot.CHUNKS -> settledKey(CHUNKS | unit);
            case JournalSlot.TRANSITION -> settledKey(TRANSITION | unit);
            default -> settledSections(slot);
        };
    }

    private boolean settledSections(long slot) {
        for (int section = JournalSlot.unit(slot); section < endOf(slot); section++) {
            if (!settledKey(SPANS | section)) {
                return false;
            }
        }
        return true;
    }

    private boolean settledKey(long key) {
        int index = Arrays.binarySearch(keys, 0, size, key);
        return index < 0 || findings[index] == Finding.SETTLED;
    }
}
