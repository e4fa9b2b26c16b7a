package io.finemem.allocator.owner;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.api.FineMemException;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.placement.PlacementPolicy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pump's worker: brings requests under way on the lanes of a {@link Worker}, takes completions in, and searches in step
 * where a lane cannot go on without; then nothing is under way.
 *
 * <p><b>Thread-safety.</b> Used by the pump's thread while it holds the worker.
 */
final class AsyncWorker implements AsyncLane.Landing {
    private static final Logger LOG = LoggerFactory.getLogger(AsyncWorker.class);

    private final Allocations allocations;
    private final Function<OwnedBlock, RemoteBlock> handing;
    private final Worker worker;
    private final AllocatorOptions options;
    private final int depth;
    private final NodeChoice choice;
    /** By the nodes' indices; null for a node that was lost before. */
    private @Nullable AsyncLane[] byNode = {};

    private final List<AsyncLane> lanes = new ArrayList<>();
    /** Before those in the queue: they were taken out of it already. */
    private final Deque<AsyncRequest> waiting = new ArrayDeque<>();

    private final Deque<AsyncRequest> searches = new ArrayDeque<>();
    private final Deque<AsyncRequest> done = new ArrayDeque<>();

    /**
     * A worker with nothing to do.
     *
     * @param handing what the application gets for a block
     * @param depth most chains under way on a lane
     */
    AsyncWorker(
            Allocations allocations,
            Function<OwnedBlock, RemoteBlock> handing,
            Worker worker,
            AllocatorOptions options,
            int depth) {
        this.allocations = allocations;
        this.handing = handing;
        this.worker = worker;
        this.options = options;
        this.depth = depth;
        this.choice = new NodeChoice(options.placement(), 0);
        takeInNewLanes();
    }

    /** Nodes may have joined. */
    private void takeInNewLanes() {
        Lane[] all = worker.lanes();
        int known = byNode.length;
        if (known == all.length) {
            return;
        }
        byNode = Arrays.copyOf(byNode, all.length);
        lanes.removeIf(lane -> lane.node().retired() && lane.underWay() == 0);
        for (int i = known; i < all.length; i++) {
            if (all[i].node().usable()) {
                AsyncLane lane = new AsyncLane(all[i], worker, options, depth, this);
                byNode[i] = lane;
                lanes.add(lane);
            }
        }
    }

    /** Chains under way on all lanes. */
    int underWay() {
        int sum = 0;
        for (AsyncLane lane : lanes) {
            sum += lane.underWay();
        }
        return sum;
    }

    /** Whether requests are here that are not under way. */
    boolean hasWaiting() {
        return !waiting.isEmpty() || !searches.isEmpty();
    }

    /** Takes in what has completed; whether there was something. */
    boolean land() {
        boolean progress = false;
        for (AsyncLane lane : lanes) {
            for (int i = lane.underWay(); i > 0 && lane.land(); i--) {
                progress = true;
            }
        }
        return progress;
    }

    /** Brings requests under way until one must wait; whether there was one. */
    boolean admit(Queue<AsyncRequest> queue) {
        boolean progress = false;
        while (searches.isEmpty() && !surplusIsMany()) {
            AsyncRequest request = waiting.isEmpty() ? queue.poll() : waiting.poll();
            if (request == null) {
                return progress;
            }
            AsyncLane.Admission admission = place(request);
            if (admission == AsyncLane.Admission.WAIT) {
                waiting.addFirst(request);
                return progress;
            }
            if (admission == AsyncLane.Admission.SEARCH) {
                searches.add(request);
            }
            progress = true;
        }
        return progress;
    }

    private boolean surplusIsMany() {
        for (AsyncLane lane : lanes) {
            if (lane.surplus().many()) {
                return true;
            }
        }
        return false;
    }

    private AsyncLane.Admission place(AsyncRequest request) {
        try {
            return request instanceof AsyncRequest.Allocation allocation
                    ? place(allocation)
                    : place((AsyncRequest.Release) request);
        } catch (FineMemException e) {
            failed(request, e);
            return AsyncLane.Admission.POSTED;
        }
    }

    /** On the chosen node, or the next one chosen that takes it at once; if one could take it later, later. */
    private AsyncLane.Admission place(AsyncRequest.Allocation request) {
        AsyncLane.Admission answer = AsyncLane.Admission.SEARCH;
        takeInNewLanes();
        choice.begin(worker.lanes(), "");
        int at = choice.next(request.bytes());
        for (; at != PlacementPolicy.NONE; at = choice.next(request.bytes())) {
            AsyncLane lane = byNode[at];
            AsyncLane.Admission admission = lane == null ? AsyncLane.Admission.SEARCH : lane.allocate(request);
            if (admission == AsyncLane.Admission.POSTED) {
                return admission;
            }
            if (admission == AsyncLane.Admission.WAIT) {
                answer = admission;
            }
        }
        return answer;
    }

    private AsyncLane.Admission place(AsyncRequest.Release request) {
        NodeSession node = request.block().node();
        node.requireUsable();
        takeInNewLanes();
        return Objects.requireNonNull(byNode[node.index()]).free(request);
    }

    /** What needs lanes on which nothing is under way; whether there was something. */
    boolean workInStep() {
        if (underWay() > 0) {
            return false;
        }
        boolean progress = false;
        for (AsyncLane lane : lanes) {
            progress |= trim(lane);
        }
        AsyncRequest request = searches.poll();
        if (request == null) {
            return progress;
        }
        try {
            if (request instanceof AsyncRequest.Allocation allocation) {
                OwnedBlock block = allocations.allocateWith(worker, allocation.bytes());
                allocation.allocated(block, handing.apply(block));
            } else {
                worker.free(((AsyncRequest.Release) request).block());
            }
            done.add(request);
        } catch (RuntimeException e) {
            failed(request, e);
        }
        return true;
    }

    private static boolean trim(AsyncLane lane) {
        boolean any = !lane.surplus().isEmpty();
        while (!lane.surplus().isEmpty()) {
            int span = lane.surplus().take();
            try {
                if (lane.node().usable()) {
                    Worker.trim(lane.lane(), span);
                }
            } catch (FineMemException e) {
                LOG.debug(
                        "an empty span stays open: {}",
                        e.getMessage()); // the node is lost, as the next request is told
            }
        }
        return any;
    }

    /** Completes stages, which runs what the application attached to them. */
    void deliver() {
        for (AsyncRequest request = done.poll(); request != null; request = done.poll()) {
            boolean wanted = request.deliver();
            if (!wanted && request instanceof AsyncRequest.Allocation allocation) {
                giveBack(allocation);
            }
        }
    }

    /** The application completed or cancelled the stage itself: nobody has the block. */
    private void giveBack(AsyncRequest.Allocation allocation) {
        OwnedBlock block = allocation.block();
        if (block != null && block.markFreedLater()) {
            waiting.add(new AsyncRequest.Release(block));
        }
    }

    /** Ends all requests after a defect. */
    void abandon(RuntimeException defect) {
        for (AsyncLane lane : lanes) {
            lane.abandon(defect);
        }
        rejectWaiting(defect);
    }

    /** Ends all requests that are not under way. */
    void rejectWaiting(RuntimeException cause) {
        waiting.forEach(request -> failed(request, cause));
        waiting.clear();
        searches.forEach(request -> failed(request, cause));
        searches.clear();
        deliver();
    }

    @Override
    public void allocated(AsyncRequest.Allocation request, AsyncLane lane, Placement placement) {
        OwnedBlock block = Allocations.register(lane.node(), placement);
        request.allocated(block, handing.apply(block));
        worker.countAllocation(block.length());
        lane.lane().countClaimed(block.length());
        done.add(request);
    }

    @Override
    public void freed(AsyncRequest.Release request) {
        worker.countFree(request.block().length());
        done.add(request);
    }

    @Override
    public void refused(AsyncRequest request) {
        if (request.failedOnceMore()) {
            searches.add(request);
        } else {
            waiting.addFirst(request);
        }
    }

    @Override
    public void search(AsyncRequest request) {
        searches.add(request);
    }

    @Override
    public void failed(AsyncRequest request, RuntimeException cause) {
        if (request instanceof AsyncRequest.Allocation) {
            allocations.countFailure();
        }
        done.add(request.failed(cause));
    }
}
