package io.finemem.allocator.owner;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.driver.CostMeter;
import io.finemem.allocator.driver.Pipeline;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.procedure.OpenSpan;
import io.finemem.allocator.search.ChunkSteps;
import io.finemem.allocator.search.PoolView;
import io.finemem.api.FineMemException;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.ConnectionLost;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Many operations under way on one lane's metadata connection: claims in working spans, openings, claims of whole spans in a
 * section, and their frees. What needs a look at words that were not seen yet is left to a search of the {@link Lane}, which
 * may be used only while nothing is under way here.
 *
 * <p>The order of the search is that of {@link ChunkSteps}, over words as they will be: {@link Foresight}.
 *
 * <p><b>Thread-safety.</b> Used by the pump's thread while it holds the worker.
 */
final class AsyncLane {
    /** What became of a request. */
    enum Admission {
        /** It is under way. */
        POSTED,
        /** It must wait until something that is under way has completed. */
        WAIT,
        /** It needs a search in step. */
        SEARCH
    }

    /** Takes what has completed. */
    interface Landing {
        void allocated(AsyncRequest.Allocation request, AsyncLane lane, Placement placement);

        void freed(AsyncRequest.Release request);

        /** Another one took the place: to be tried again. */
        void refused(AsyncRequest request);

        /** To be done by a search in step. */
        void search(AsyncRequest request);

        void failed(AsyncRequest request, RuntimeException cause);
    }

    private final Lane lane;
    private final LaneContext context;
    private final Worker worker;
    private final Landing landing;
    private final MetadataLayout layout;
    private final Foresight headers;
    private final Foresight sections;
    private final PoolView view;
    private final ChunkSteps steps;
    private final Pipeline<AsyncFlight> pipeline;
    private final AsyncFlight[] flights;
    private final Deque<AsyncFlight> idle = new ArrayDeque<>();
    private final Surplus surplus = new Surplus();
    private final AsyncArrivals arrivals;
    private boolean opening;

    AsyncLane(Lane lane, Worker worker, AllocatorOptions options, int depth, Landing landing) {
        this.lane = lane;
        this.worker = worker;
        this.context = lane.context();
        this.landing = landing;
        this.layout = context.layout();
        this.headers = new Foresight(layout.spans(), depth);
        this.sections = new Foresight(layout.sections(), depth);
        this.view = new ForeseenPool(context.cache(), headers, sections);
        this.steps = context.chunkSteps(view);
        this.pipeline = new Pipeline<>(context.driver(), depth);
        this.flights = new AsyncFlight[depth];
        for (int i = 0; i < depth; i++) {
            flights[i] = new AsyncFlight(layout, options);
            idle.add(flights[i]);
        }
        this.arrivals = new AsyncArrivals(this, landing);
    }

    Lane lane() {
        return lane;
    }

    NodeSession node() {
        return lane.node();
    }

    int underWay() {
        return pipeline.underWay();
    }

    /** Spans that frees left empty and that are to be looked at while nothing is under way. */
    Surplus surplus() {
        return surplus;
    }

    Admission allocate(AsyncRequest.Allocation request) {
        if (pipeline.full()) {
            return Admission.WAIT;
        }
        if (Geometry.sectionsOf(request.bytes()) > 1
                || context.revocations() != null && context.slots().size() < 2) {
            return Admission.SEARCH;
        }
        int order = Geometry.orderOf(request.bytes());
        try {
            return order < Geometry.SPAN_ORDER
                    ? allocateChunks(request, order)
                    : allocateSpans(request, order - Geometry.SPAN_ORDER);
        } catch (OutOfLocalResources e) {
            return Admission.SEARCH; // which tries other nodes too, and ends with this error if none has room
        }
    }

    private Admission allocateChunks(AsyncRequest.Allocation request, int order) {
        ChunkSteps.Step step = steps.start(order).next();
        if (step == ChunkSteps.Step.CLAIM) {
            claimChunks(request, order, steps.span());
            return Admission.POSTED;
        }
        if (opening) {
            return Admission.WAIT;
        }
        if (step != ChunkSteps.Step.OPEN) {
            return Admission.SEARCH;
        }
        open(request, order, steps.span());
        return Admission.POSTED;
    }

    private void claimChunks(AsyncRequest request, int order, int span) {
        int slot = context.slots().take();
        AsyncFlight flight = take();
        flight.board(request, flight.claimChunks);
        flight.slot = slot;
        flight.order = order;
        flight.unit = span;
        flight.claimChunks.prepare(span, order, context.journalSlot(slot), view.header(span));
        post(flight);
    }

    private void open(AsyncRequest request, int order, int span) {
        int section = Geometry.sectionOf(span);
        context.setSection(section);
        int slot = context.slots().take();
        int transition;
        try {
            transition = context.slots().take();
        } catch (OutOfLocalResources e) {
            context.slots().give(slot);
            throw e;
        }
        AsyncFlight flight = take();
        flight.board(request, flight.openSpan);
        flight.slot = slot;
        flight.transition = transition;
        flight.order = order;
        flight.unit = section;
        flight.span = span;
        flight.openSpan.prepare(
                span, order, context.journalSlot(transition), context.journalSlot(slot), view.sectionWord(section));
        opening = true;
        post(flight);
    }

    private Admission allocateSpans(AsyncRequest request, int spanOrder) {
        int section = view.sectionWithEmptyRun(context.section(), spanOrder);
        if (section == PoolView.NONE) {
            return Admission.SEARCH;
        }
        int slot = context.slots().take();
        AsyncFlight flight = take();
        flight.board(request, flight.claimSpans);
        flight.slot = slot;
        flight.order = spanOrder;
        flight.unit = section;
        flight.claimSpans.prepare(section, spanOrder, context.journalSlot(slot), view.sectionWord(section));
        post(flight);
        return Admission.POSTED;
    }

    Admission free(AsyncRequest.Release request) {
        OwnedBlock block = request.block();
        if (block.inUse() || pipeline.full()) {
            return Admission.WAIT;
        }
        if (context.revocations() != null || block.sections() > 1) {
            return Admission.SEARCH;
        }
        node().slots().setBlock(block.slot(), null);
        int journalSlot = context.journalSlot(block.slot());
        AsyncFlight flight = take();
        if (block.type() == JournalSlot.CHUNKS) {
            flight.board(request, flight.freeChunks);
            flight.freeChunks.prepare(block.unit(), block.mask(), journalSlot, block.confirmed());
        } else {
            long pending = block.confirmed() ? block.pendingEntry() : 0;
            flight.board(request, flight.freeSpans);
            flight.freeSpans.prepare(block.unit(), 1, block.mask(), journalSlot, pending);
        }
        flight.slot = block.slot();
        flight.unit = block.unit();
        flight.mask = block.mask();
        post(flight);
        return Admission.POSTED;
    }

    private AsyncFlight take() {
        return idle.removeLast();
    }

    /** Posts the flight's next chain. */
    void post(AsyncFlight flight) {
        long doorbells = worker.meter().doorbells();
        long verbs = worker.meter().verbs();
        try {
            if (!pipeline.post(flight)) {
                refused(flight); // another worker saw a newer word just now
                return;
            }
        } catch (ConnectionLost e) {
            recover(e);
            return;
        }
        CostMeter meter = worker.meter();
        worker.addCosts(flight.allocates(), meter.doorbells() - doorbells, 0, meter.verbs() - verbs);
        Foresight foresight = foresight(flight);
        flight.counted = foresight != null;
        if (foresight != null) {
            flight.foreseen = flight.wordAfter(view);
            flight.generation = foresight.posted(flight.unit, flight.foreseen);
        }
    }

    /** Whom the chain's atomic concerns; nobody sees the header of a span that is being opened. */
    private @Nullable Foresight foresight(AsyncFlight flight) {
        if (flight.procedure == flight.openSpan) {
            return flight.openSpan.state() == OpenSpan.State.SECTION ? sections : null;
        }
        return flight.procedure == flight.claimChunks || flight.procedure == flight.freeChunks ? headers : sections;
    }

    /** Takes the next completion in; false if there is none now. */
    boolean land() {
        long roundTrips = worker.meter().roundTrips();
        AsyncFlight flight;
        try {
            flight = pipeline.poll();
        } catch (ConnectionLost e) {
            recover(e);
            return true;
        }
        if (flight == null) {
            return false;
        }
        worker.addCosts(flight.allocates(), 0, worker.meter().roundTrips() - roundTrips, 0);
        arrivals.arrived(flight);
        return true;
    }

    /** The flight is over; its request is the caller's. */
    AsyncRequest disembark(AsyncFlight flight) {
        AsyncRequest request = flight.passenger();
        flight.request = null;
        idle.add(flight);
        return request;
    }

    /** Another one was faster: the request is tried again. */
    void refused(AsyncFlight flight) {
        context.slots().give(flight.slot);
        if (flight.procedure == flight.openSpan) {
            context.slots().give(flight.transition);
            opening = false;
        }
        landing.refused(disembark(flight));
    }

    void openingEnded() {
        opening = false;
    }

    LaneContext context() {
        return context;
    }

    Foresight headers() {
        return headers;
    }

    Foresight sections() {
        return sections;
    }

    /**
     * After the connection failed: all slots of flights are in doubt. Claims start anew on a new connection, what the old one
     * did is decided by the node; a free that was cut off is completed by it.
     */
    private void recover(ConnectionLost cause) {
        FineMemException lost = reconnect(cause);
        for (AsyncFlight flight : flights) {
            if (flight.request != null) {
                strand(disembark(flight), lost);
            }
        }
    }

    /** Ends what is under way after a defect, and leaves the lane to be used in step. */
    void abandon(RuntimeException defect) {
        reconnect(defect);
        for (AsyncFlight flight : flights) {
            if (flight.request != null) {
                landing.failed(disembark(flight), defect);
            }
        }
    }

    /** Why the node is lost, if it is. */
    private @Nullable FineMemException reconnect(RuntimeException cause) {
        headers.clear();
        sections.clear();
        opening = false;
        FineMemException lost = null;
        try {
            context.reconnect();
        } catch (FineMemException e) {
            e.addSuppressed(cause);
            lost = node().lose(e);
        }
        for (AsyncFlight flight : flights) {
            if (flight.request != null) {
                context.doubt(flight.slot);
                context.doubt(flight.transition);
            }
        }
        return lost;
    }

    private void strand(AsyncRequest request, @Nullable FineMemException lost) {
        if (request instanceof AsyncRequest.Release release) {
            if (lost == null) {
                landing.freed(release);
            } else {
                landing.failed(release, lost);
            }
        } else {
            landing.search(request);
        }
    }
}
