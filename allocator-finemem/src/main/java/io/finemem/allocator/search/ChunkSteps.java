package io.finemem.allocator.search;

import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.SpanHeader;

/**
 * The order in which room for a block of 4 to 64 KiB is looked for: working spans that are calm; then a new span, made from
 * an empty one; then contended working spans; then any open span of the pool, with fresh headers. Only the last one finding
 * nothing means that the node has no room.
 *
 * <pre>
 *   start(order)
 *   next() -> CLAIM            claim in {@link #span()}
 *             COLLECT_REVOKED  learn what was revoked; {@link #nothingRevoked()} if that is nothing
 *             OPEN             open {@link #span()}
 *             REFRESH_SECTIONS read all section words
 *             REFRESH_HEADERS  read the headers of {@link #part()}
 *             NO_ROOM
 * </pre>
 *
 * Whoever executes a step brings what it learned into the {@link PoolView} and, unless the block is held now, asks for the
 * next one. A span in which a block was claimed belongs to the working spans.
 *
 * <p><b>Thread-safety.</b> Used by one thread. A search creates no garbage.
 */
public final class ChunkSteps {
    private static final int HIGH_CONTENTION = 2;
    private static final int FULL = -1;
    /** Claims in working spans that fail before fresh headers are read: that their headers are outdated is likely then. */
    private static final int MOST_GUESSES = 2;

    /** What is to be done next. */
    public enum Step {
        /** Claim in a span that is open as far as is known. */
        CLAIM,
        /** Strict isolation: ask which blocks were revoked. */
        COLLECT_REVOKED,
        /** Open a span that is empty as far as is known. */
        OPEN,
        /** Read all section words. */
        REFRESH_SECTIONS,
        /** Read the headers of a part of the pool. */
        REFRESH_HEADERS,
        /** There is no room. */
        NO_ROOM
    }

    private enum Stage {
        CALM,
        COLLECT,
        CALM_AGAIN,
        KNOWN_EMPTY,
        FRESH_EMPTY,
        CONTENDED,
        NEXT_PART,
        IN_PART
    }

    private final PoolView view;
    private final WorkingSpans working;
    private final boolean strict;
    private final int sectionsPerPart;
    private Stage stage = Stage.CALM;
    private int order;
    private int least;
    private int guesses;
    private long random;
    private int span;
    private int section;
    /** Working span looked at last. */
    private int position;

    private int startPart;
    private int partsSeen;
    private int part;

    /**
     * The order of one searcher.
     *
     * @param strict whether freed blocks have to be revoked
     * @param startSpan where the searcher begins: another span than other searchers, so that they do not meet
     * @param sectionsPerPart sections whose headers are read at once, 1 or more
     */
    public ChunkSteps(PoolView view, WorkingSpans working, boolean strict, int startSpan, int sectionsPerPart) {
        this.view = view;
        this.working = working;
        this.strict = strict;
        this.random = startSpan;
        this.sectionsPerPart = sectionsPerPart;
        this.section = Geometry.sectionOf(startSpan);
    }

    /**
     * Begins a search.
     *
     * @param orderWanted log2 of chunks, 0 to 4
     */
    public ChunkSteps start(int orderWanted) {
        return start(orderWanted, 1);
    }

    /**
     * Begins a search for several blocks.
     *
     * @param orderWanted log2 of chunks of each, 0 to 4
     * @param leastWanted blocks that a calm working span must have room for; otherwise a new span is better
     */
    public ChunkSteps start(int orderWanted, int leastWanted) {
        order = orderWanted;
        least = leastWanted;
        guesses = MOST_GUESSES;
        enterWorkingSpans(Stage.CALM);
        return this;
    }

    private void enterWorkingSpans(Stage next) {
        stage = next;
        position = working.size();
    }

    /** What is to be done now. */
    public Step next() {
        return switch (stage) {
            case CALM -> workingSpan(false) ? Step.CLAIM : afterCalm();
            case COLLECT, CALM_AGAIN -> {
                if (stage == Stage.COLLECT) {
                    enterWorkingSpans(Stage.CALM_AGAIN);
                }
                yield workingSpan(false) ? Step.CLAIM : knownEmpty();
            }
            case KNOWN_EMPTY -> knownEmpty();
            case FRESH_EMPTY -> emptySpan() ? Step.OPEN : contended();
            case CONTENDED -> workingSpan(true) ? Step.CLAIM : anywhere();
            case NEXT_PART -> nextPart();
            case IN_PART -> spanOfPart() ? Step.CLAIM : nextPart();
        };
    }

    private boolean workingSpan(boolean contended) {
        for (int i = Math.min(position, working.size()) - 1; i >= 0 && guesses > 0; i--) {
            span = working.get(i);
            long header = view.header(span);
            if (!SpanHeader.open(header) || SpanHeader.map(header) == FULL) {
                working.removeAt(i);
                continue;
            }
            boolean wanted = SpanHeader.contention(header) == HIGH_CONTENTION == contended;
            if (wanted && SpanDecisions.runs(SpanHeader.map(header), order) >= (contended ? 1 : least)) {
                position = i;
                guesses--;
                return true;
            }
        }
        position = 0;
        return false;
    }

    private Step afterCalm() {
        if (!strict) {
            return knownEmpty();
        }
        stage = Stage.COLLECT;
        return Step.COLLECT_REVOKED;
    }

    /** The step {@link Step#COLLECT_REVOKED} brought nothing: working spans need not be looked at again. */
    public void nothingRevoked() {
        stage = Stage.KNOWN_EMPTY;
    }

    private Step knownEmpty() {
        if (emptySpan()) {
            stage = Stage.KNOWN_EMPTY;
            return Step.OPEN;
        }
        stage = Stage.FRESH_EMPTY;
        return Step.REFRESH_SECTIONS;
    }

    private boolean emptySpan() {
        int found = view.sectionWithEmptyRun(section, 0);
        if (found == PoolView.NONE) {
            return false;
        }
        section = found;
        span = Geometry.spanOf(found, SectionDecisions.emptyRun(view.sectionWord(found), 0));
        return true;
    }

    private Step contended() {
        enterWorkingSpans(Stage.CONTENDED);
        return workingSpan(true) ? Step.CLAIM : anywhere();
    }

    private Step anywhere() {
        partsSeen = 0;
        startPart = section / sectionsPerPart;
        return nextPart();
    }

    private Step nextPart() {
        int parts = (view.sections() + sectionsPerPart - 1) / sectionsPerPart;
        if (partsSeen == parts) {
            stage = Stage.NEXT_PART;
            return Step.NO_ROOM;
        }
        part = (startPart + partsSeen) % parts;
        partsSeen++;
        stage = Stage.IN_PART;
        return Step.REFRESH_HEADERS;
    }

    /**
     * A span of the part in which the block fits, at random, the likelier the more of it is free: searchers that see the same
     * headers hardly meet. A part is left only when nothing fits any more: a claim that fails was overtaken by another that
     * did not.
     */
    private boolean spanOfPart() {
        int first = Geometry.spanOf(part * sectionsPerPart, 0);
        int end = Geometry.spanOf(Math.min((part + 1) * sectionsPerPart, view.sections()), 0);
        for (int room = room(first, end); room > 0; room = room(first, end)) {
            int drawn = draw(room);
            int before = 0;
            for (span = first; span < end; span++) {
                before += room(span);
                if (before > drawn) {
                    return true;
                }
            }
            // Other workers of this owner have filled spans between the two looks.
        }
        return false;
    }

    private int room(int first, int end) {
        int room = 0;
        for (int candidate = first; candidate < end; candidate++) {
            room += room(candidate);
        }
        return room;
    }

    /** Free chunks of a span in which the block fits. */
    private int room(int candidate) {
        long header = view.header(candidate);
        return SpanDecisions.claimable(header, order) ? Integer.bitCount(~SpanHeader.map(header)) : 0;
    }

    private int draw(int bound) {
        random = random * 0x5851_f42d_4c95_7f2dL + 0x1405_7b7e_f767_814fL;
        return (int) ((random >>> Integer.SIZE) * bound >>> Integer.SIZE);
    }

    /** Where to claim, or what to open. */
    public int span() {
        return span;
    }

    /** Part whose headers are to be read: sections {@code part * sectionsPerPart} and on. */
    public int part() {
        return part;
    }

    /** Section in which an empty span was found last: new spans are looked for from there on. */
    public int section() {
        return section;
    }
}
