package io.finemem.allocator.owner;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.driver.ChainDriver;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.CloseSpan;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.search.ChunkSteps;
import io.finemem.allocator.search.PoolView;
import io.finemem.allocator.search.WorkingSpans;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.ConnectionLost;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the searches of one lane share: the way to the node, its words as last seen, free journal slots, the section at which
 * the lane looks first.
 *
 * <p><b>Thread-safety.</b> Used by the thread that holds the worker.
 */
final class LaneContext {
    /** In place of a slot: there is none. */
    static final int NO_SLOT = -1;

    /** Connections that may fail in a row while frees that were posted are posted again. */
    private static final int MAX_ATTEMPTS = 3;

    /** Sections whose headers fit a bulk read. */
    private static final int BULK_SECTIONS = ChainDriver.MAX_BULK_WORDS / Geometry.SPANS_PER_SECTION;

    private final NodeSession node;
    private final Connector connector;
    private final ChainDriver driver;
    private final MetadataLayout layout;
    private final PoolCache cache;
    private final SlotCache slots;
    private final WorkingSpans working;
    private final CloseSpan close;
    private final int startSpan;
    private final @Nullable Revocations revocations;
    private Link link;
    private int section;
    private long retries;
    /** Slots that the chain which failed wrote. */
    private int[] doubtful = new int[WordChain.MAX_ELEMENTS];

    private int doubtfulCount;

    LaneContext(
            NodeSession node, Connector connector, Link link, ChainDriver driver, int startSpan, long timeoutNanos) {
        this.node = node;
        this.connector = connector;
        this.link = link;
        this.driver = driver;
        this.layout = node.layout();
        this.cache = node.cache();
        this.slots = new SlotCache(node.slots());
        this.working = new WorkingSpans(layout.spans());
        this.close = new CloseSpan(layout);
        this.startSpan = startSpan;
        this.section = Geometry.sectionOf(startSpan);
        this.revocations = node.pool().isolation() == Isolation.STRICT ? new Revocations(this, timeoutNanos) : null;
    }

    NodeSession node() {
        return node;
    }

    /**
     * Runs a procedure.
     *
     * @param slot journal slot of which the procedure writes, or {@link #NO_SLOT}
     * @param otherSlot another one, or {@link #NO_SLOT}
     * @throws ConnectionLost if the connection failed; the slots are in doubt, and {@link #reconnect} must follow
     */
    void run(Procedure procedure, int slot, int otherSlot) {
        try {
            driver.run(procedure);
        } catch (RuntimeException e) {
            addDoubtful(slot);
            addDoubtful(otherSlot);
            throw e;
        }
    }

    /**
     * Runs a procedure for several blocks.
     *
     * @param written journal slots of which the procedure writes are the first {@code count} ones
     * @param otherSlot another one, or {@link #NO_SLOT}
     * @throws ConnectionLost as {@link #run(Procedure, int, int)}
     */
    void run(Procedure procedure, int[] written, int count, int otherSlot) {
        try {
            driver.run(procedure);
        } catch (RuntimeException e) {
            for (int i = 0; i < count; i++) {
                addDoubtful(written[i]);
            }
            addDoubtful(otherSlot);
            throw e;
        }
    }

    private void addDoubtful(int slot) {
        if (slot != NO_SLOT) {
            if (doubtfulCount == doubtful.length) {
                doubtful = Arrays.copyOf(doubtful, 2 * doubtfulCount);
            }
            doubtful[doubtfulCount++] = slot;
        }
    }

    /** Gives a slot back after a failure, unless it is in doubt. */
    void giveUnlessInDoubt(int slot) {
        for (int i = 0; i < doubtfulCount; i++) {
            if (doubtful[i] == slot) {
                return;
            }
        }
        slots.give(slot);
    }

    /**
     * Replaces the metadata connection after it failed. Slots in doubt go to the node session: the node may decide them now
     * that the old connection is fenced.
     */
    void reconnect() {
        for (int attempt = 1; ; attempt++) {
            long executed = driver.postsCompleted();
            link = connector.replace(link, ConnectionPurpose.METADATA);
            driver.use(link.connection());
            try {
                if (revocations != null) {
                    revocations.resume(executed);
                }
                break;
            } catch (ConnectionLost e) {
                if (attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
        for (int i = 0; i < doubtfulCount; i++) {
            node.doubt(doubtful[i]);
        }
        doubtfulCount = 0;
    }

    /** A slot whose chain was cut off by the connection that was replaced; {@link #NO_SLOT} is none. */
    void doubt(int slot) {
        if (slot != NO_SLOT) {
            node.doubt(slot);
        }
    }

    /** For bulk reads and journal writes, which leave nothing in doubt. */
    ChainDriver driver() {
        return driver;
    }

    MetadataLayout layout() {
        return layout;
    }

    PoolCache cache() {
        return cache;
    }

    SlotCache slots() {
        return slots;
    }

    /** Open spans in which the lane looks for room first. */
    WorkingSpans working() {
        return working;
    }

    /** Frees in strict isolation; null in direct isolation. */
    @Nullable
    Revocations revocations() {
        return revocations;
    }

    /** A free journal slot. Where slots run short those of revoked blocks come first, a longer journal second. */
    int takeSlot() {
        if (revocations == null || slots.size() > 0) {
            return slots.take();
        }
        revocations.collect();
        while (true) {
            try {
                return slots.take();
            } catch (OutOfLocalResources e) {
                if (!revocations.awaitAny()) {
                    throw e;
                }
            }
        }
    }

    /** Strict isolation: whether blocks were revoked since this was asked last. */
    boolean collectRevoked() {
        return revocations != null && revocations.collect();
    }

    /** Index in the node's journal of a slot of this owner. */
    int journalSlot(int slot) {
        return node.slots().journalSlot(slot);
    }

    /** Section at which the lane looks first. */
    int section() {
        return section;
    }

    void setSection(int section) {
        this.section = section;
    }

    void countRetries(int failedAttempts) {
        retries += failedAttempts;
    }

    long retries() {
        return retries;
    }

    /** Reads all section words: one round trip per {@link ChainDriver#MAX_BULK_WORDS} sections. */
    void refreshSections() {
        for (int first = 0; first < layout.sections(); first += ChainDriver.MAX_BULK_WORDS) {
            int count = Math.min(ChainDriver.MAX_BULK_WORDS, layout.sections() - first);
            driver.readWords(layout.sectionWord(first), count);
            for (int i = 0; i < count; i++) {
                cache.setSectionWord(first + i, driver.bulkWord(i));
            }
        }
    }

    /** Reads all section words: whether one is not as it was seen last, or says open of a span that was seen closed. */
    boolean moved() {
        boolean moved = false;
        for (int first = 0; first < layout.sections(); first += ChainDriver.MAX_BULK_WORDS) {
            int count = Math.min(ChainDriver.MAX_BULK_WORDS, layout.sections() - first);
            driver.readWords(layout.sectionWord(first), count);
            for (int i = 0; i < count; i++) {
                long word = driver.bulkWord(i);
                moved |= word != cache.sectionWord(first + i) || inTransition(first + i, word);
                cache.setSectionWord(first + i, word);
            }
        }
        return moved;
    }

    private boolean inTransition(int sectionToLook, long word) {
        for (int open = SectionWord.openSpans(word); open != 0; open &= open - 1) {
            int span = Geometry.spanOf(sectionToLook, Integer.numberOfTrailingZeros(open));
            if (!SpanHeader.open(cache.header(span))) {
                return true;
            }
        }
        return false;
    }

    /** The order in which this lane looks for chunks, with the words of a view. */
    ChunkSteps chunkSteps(PoolView view) {
        return new ChunkSteps(view, working, revocations != null, startSpan, BULK_SECTIONS);
    }

    /** Parts of the pool whose headers are read at once. */
    int parts() {
        return (layout.sections() + BULK_SECTIONS - 1) / BULK_SECTIONS;
    }

    /** First span of a part. */
    int partStart(int part) {
        return Geometry.spanOf(part * BULK_SECTIONS, 0);
    }

    /** Span after the last one of a part. */
    int partEnd(int part) {
        return Math.min(partStart(part + 1), layout.spans());
    }

    /** Reads the headers of a part: one round trip. */
    void refreshHeaders(int part) {
        int first = partStart(part);
        int count = partEnd(part) - first;
        driver.readWords(layout.spanHeader(first), count);
        for (int i = 0; i < count; i++) {
            cache.setHeader(first + i, driver.bulkWord(i));
        }
    }

    /**
     * Closes a span that is open and empty as far as is known: two round trips; whether it is closed now.
     *
     * @throws ConnectionLost if the connection failed; the transition is in doubt, and {@link #reconnect} must follow
     */
    boolean close(int span) {
        int sectionOfSpan = Geometry.sectionOf(span);
        int transition = takeSlot();
        close.prepare(span, journalSlot(transition), cache.header(span), cache.sectionWord(sectionOfSpan));
        run(close, transition, NO_SLOT);
        slots.give(transition);
        cache.setHeader(span, close.header());
        if (close.state() != CloseSpan.State.CLOSED) {
            return false;
        }
        cache.setSectionWord(sectionOfSpan, close.sectionWord());
        return true;
    }

    /** Closes all empty spans of the pool, so that blocks of whole spans find room. */
    void closeEmptySpansOfPool() {
        for (int part = 0; part < parts(); part++) {
            refreshHeaders(part);
            for (int span = partStart(part); span < partEnd(part); span++) {
                if (SpanDecisions.closable(cache.header(span))) {
                    close(span);
                }
            }
        }
    }
}
