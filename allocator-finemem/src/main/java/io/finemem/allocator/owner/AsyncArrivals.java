package io.finemem.allocator.owner;

import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.ClaimChunks;
import io.finemem.allocator.procedure.ClaimSpans;
import io.finemem.allocator.procedure.OpenSpan;
import io.finemem.allocator.search.WorkingSpans;

/** What becomes of an {@link AsyncFlight} whose chain has completed. Used by the pump's thread. */
final class AsyncArrivals {
    private final AsyncLane lane;
    private final LaneContext context;
    private final AsyncLane.Landing landing;
    private final PoolCache cache;
    private final WorkingSpans working;
    private final Foresight headers;
    private final Foresight sections;
    private final Placement placement = new Placement();

    AsyncArrivals(AsyncLane lane, AsyncLane.Landing landing) {
        this.lane = lane;
        this.context = lane.context();
        this.landing = landing;
        this.cache = context.cache();
        this.working = context.working();
        this.headers = lane.headers();
        this.sections = lane.sections();
    }

    void arrived(AsyncFlight flight) {
        if (flight.failure != null) {
            abandon(flight, flight.failure);
        } else if (flight.procedure == flight.claimChunks) {
            claimOfChunksLanded(flight, flight.claimChunks);
        } else if (flight.procedure == flight.claimSpans) {
            claimOfSpansLanded(flight, flight.claimSpans);
        } else if (flight.procedure == flight.openSpan) {
            openingLanded(flight, flight.openSpan);
        } else {
            freeLanded(flight);
        }
    }

    /** The metadata is not what it must be: the slots stay in doubt. */
    private void abandon(AsyncFlight flight, RuntimeException cause) {
        Foresight foresight =
                flight.procedure == flight.claimChunks || flight.procedure == flight.freeChunks ? headers : sections;
        if (flight.counted) {
            foresight.ended(flight.unit);
        }
        if (flight.procedure == flight.openSpan) {
            lane.openingEnded();
        }
        landing.failed(lane.disembark(flight), cause);
    }

    private void claimOfChunksLanded(AsyncFlight flight, ClaimChunks claim) {
        int span = flight.unit;
        long found = claim.header();
        cache.setHeader(span, found);
        if (claim.state() == ClaimChunks.State.CLAIMED) {
            working.changed(span, claim.failedAttempts() == 0);
            headers.ended(span);
            context.countRetries(claim.failedAttempts());
            int version = SpanHeader.version(found);
            placement.chunks(span, claim.chunk(), flight.order, flight.slot, claim.rkey(), version);
            allocated(flight);
            return;
        }
        boolean contended = found == flight.foreseen || headers.differs(span, flight.generation, found);
        working.changed(span, !contended);
        claim.startFrom(headers.word(span), contended);
        headers.ended(span);
        if (claim.state() == ClaimChunks.State.ATTEMPT) {
            lane.post(flight);
        } else {
            context.countRetries(claim.failedAttempts());
            lane.refused(flight);
        }
    }

    private void claimOfSpansLanded(AsyncFlight flight, ClaimSpans claim) {
        int section = flight.unit;
        long found = claim.word();
        cache.setSectionWord(section, found);
        if (claim.state() == ClaimSpans.State.CLAIMED) {
            sections.ended(section);
            context.countRetries(claim.failedAttempts());
            int version = SectionWord.version(found);
            placement.spans(section, claim.firstSpan(), flight.order, flight.slot, claim.rkey(), version);
            allocated(flight);
            return;
        }
        if (found != flight.foreseen) {
            sections.differs(section, flight.generation, found);
        }
        claim.startFrom(sections.word(section));
        sections.ended(section);
        if (claim.state() == ClaimSpans.State.ATTEMPT) {
            lane.post(flight);
        } else {
            context.countRetries(claim.failedAttempts());
            lane.refused(flight);
        }
    }

    private void openingLanded(AsyncFlight flight, OpenSpan open) {
        if (flight.counted) {
            cache.setSectionWord(flight.unit, open.sectionWord());
            if (open.sectionWord() != flight.foreseen || open.state() == OpenSpan.State.SECTION) {
                sections.differs(flight.unit, flight.generation, open.sectionWord());
            }
            sections.ended(flight.unit);
            flight.counted = false;
        }
        if (open.state() == OpenSpan.State.SECTION || open.state() == OpenSpan.State.HEADER) {
            lane.post(flight);
            return;
        }
        context.countRetries(open.failedAttempts());
        if (open.state() != OpenSpan.State.OPENED) {
            lane.refused(flight);
            return;
        }
        lane.openingEnded();
        context.slots().give(flight.transition);
        int span = flight.span;
        cache.setHeader(span, open.header());
        working.add(span);
        int version = SpanHeader.version(open.header());
        placement.chunks(span, 0, flight.order, flight.slot, open.rkey(), version);
        allocated(flight);
    }

    private void freeLanded(AsyncFlight flight) {
        boolean chunks = flight.procedure == flight.freeChunks;
        long found = chunks ? flight.freeChunks.header() : flight.freeSpans.word(0);
        Foresight foresight = chunks ? headers : sections;
        boolean disturbed = found != flight.foreseen && foresight.differs(flight.unit, flight.generation, found);
        foresight.ended(flight.unit);
        if (chunks) {
            cache.setHeader(flight.unit, found);
            working.changed(flight.unit, !disturbed);
            if (SpanDecisions.closable(found)) {
                lane.surplus().add(flight.unit);
            }
        } else {
            cache.setSectionWord(flight.unit, found);
        }
        context.slots().give(flight.slot);
        landing.freed((AsyncRequest.Release) lane.disembark(flight));
    }

    private void allocated(AsyncFlight flight) {
        landing.allocated((AsyncRequest.Allocation) lane.disembark(flight), lane, placement);
    }
}
