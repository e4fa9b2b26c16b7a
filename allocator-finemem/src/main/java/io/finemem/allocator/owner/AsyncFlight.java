package io.finemem.allocator.owner;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.driver.Flight;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.ClaimChunks;
import io.finemem.allocator.procedure.ClaimSpans;
import io.finemem.allocator.procedure.FreeChunks;
import io.finemem.allocator.procedure.FreeSpans;
import io.finemem.allocator.procedure.OpenSpan;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
import io.finemem.allocator.search.PoolView;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A procedure under way for a request, with what is foreseen of it. Reused; used by the pump's thread. */
final class AsyncFlight implements Flight {
    final ClaimChunks claimChunks;
    final ClaimSpans claimSpans;
    final OpenSpan openSpan;
    final FreeChunks freeChunks;
    final FreeSpans freeSpans;

    /** Which of them is under way. */
    Procedure procedure;

    @Nullable
    AsyncRequest request;

    int order;
    /** Slot of the block. */
    int slot = LaneContext.NO_SLOT;
    /** Slot of the opening. */
    int transition = LaneContext.NO_SLOT;

    /** Span or section whose word changes. */
    int unit;
    /** What the word will be, and in which generation that was foreseen. */
    long foreseen;

    int generation;
    /** Span that is being opened. */
    int span;
    /** What is being freed of the unit. */
    int mask;
    /** Whether {@link Foresight} knows of the chain under way. */
    boolean counted;

    @Nullable
    RuntimeException failure;

    AsyncFlight(MetadataLayout layout, AllocatorOptions options) {
        this.claimChunks = new ClaimChunks(layout, options.contention());
        this.claimSpans = new ClaimSpans(layout);
        this.openSpan = new OpenSpan(layout);
        this.freeChunks = new FreeChunks(layout);
        this.freeSpans = new FreeSpans(layout);
        this.procedure = claimChunks;
    }

    /** Takes a request on board. */
    AsyncFlight board(AsyncRequest passenger, Procedure toRun) {
        request = passenger;
        procedure = toRun;
        slot = LaneContext.NO_SLOT;
        transition = LaneContext.NO_SLOT;
        counted = false;
        failure = null;
        return this;
    }

    /** Whether it is for an allocation. */
    boolean allocates() {
        return procedure != freeChunks && procedure != freeSpans;
    }

    /** What the atomic of the next chain leaves, if it finds what the view says. */
    long wordAfter(PoolView view) {
        if (procedure == claimChunks) {
            return claimChunks.proposal();
        }
        if (procedure == claimSpans) {
            return claimSpans.proposal();
        }
        if (procedure == openSpan) {
            return SectionDecisions.opened(openSpan.sectionWord(), Geometry.spanInSection(span));
        }
        if (procedure == freeChunks) {
            long header = view.header(unit);
            boolean known = (SpanHeader.map(header) & mask) == mask;
            return known ? SpanDecisions.freed(header, mask) : header;
        }
        long word = view.sectionWord(unit);
        boolean known = (SectionWord.takenSpans(word) & mask) == mask;
        return known ? SectionDecisions.freed(word, mask) : word;
    }

    AsyncRequest passenger() {
        return Objects.requireNonNull(request);
    }

    @Override
    public boolean next(WordChain chain) {
        return failure == null && procedure.next(chain);
    }

    /** What a procedure finds wrong concerns its own request, and is kept for it. */
    @Override
    public void completed(WordResults results) {
        try {
            procedure.completed(results);
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    @Override
    public void lost() {
        procedure.lost();
    }
}
