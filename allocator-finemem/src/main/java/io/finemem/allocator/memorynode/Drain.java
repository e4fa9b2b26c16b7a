package io.finemem.allocator.memorynode;

import io.finemem.allocator.control.NodeState;
import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a memory node drains, and its end when nothing is left.
 *
 * <p>Claims do not ask the node, so none can be refused. Owners hear of the state with their next heartbeat and claim nothing from
 * then on; a block that was claimed before is like any other, and the node is not empty until it is freed. That no claim is
 * under way any more is known once every live owner has settled after it heard of the state: for that it waits for each of its
 * workers.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class Drain {
    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final MemoryNodeOptions options;
    private final Resolver resolver;
    private final BooleanSupplier empty;
    private final List<Consumer<NodeState>> listeners = new CopyOnWriteArrayList<>();
    private final CompletableFuture<@Nullable Void> stopped = new CompletableFuture<>();
    private volatile NodeState state = NodeState.SERVING;

    Drain(MemoryNodeOptions options, Resolver resolver, BooleanSupplier empty) {
        this.options = options;
        this.resolver = resolver;
        this.empty = empty;
    }

    NodeState state() {
        return state;
    }

    CompletableFuture<@Nullable Void> stopped() {
        return stopped;
    }

    void onChange(Consumer<NodeState> listener) {
        listeners.add(listener);
    }

    void set(NodeState next) {
        synchronized (this) {
            if (state == next) {
                return;
            }
            state = next;
        }
        LOG.info("memory node {} is {}", options.name(), next == NodeState.DRAINING ? "draining" : "serving again");
        listeners.forEach(listener -> listener.accept(next));
    }

    /** See {@link io.finemem.allocator.control.MemoryNodeControl#stop}. */
    void stop() {
        requireNothingLeft();
        Map<OwnerRecord, Long> asked = new HashMap<>();
        for (OwnerRecord owner : resolver.owners()) {
            asked.put(owner, owner.requestSettleAnew());
        }
        long deadline = System.nanoTime() + options.lease().toNanos();
        while (!asked.entrySet().stream().allMatch(Drain::answered)) {
            if (System.nanoTime() - deadline > 0) {
                throw new OperationTimeout(
                        "an owner has not said that it claims nothing any more; the memory node goes on draining, try again",
                        "memoryNode",
                        options.name(),
                        "lease",
                        options.lease());
            }
            LockSupport.parkNanos(this, PAUSE_NANOS);
        }
        requireNothingLeft();
        LOG.info("memory node {} is empty and stops", options.name());
        stopped.complete(null);
    }

    private static boolean answered(Map.Entry<OwnerRecord, Long> request) {
        OwnerRecord owner = request.getKey();
        return owner.state() != OwnerState.LIVE || owner.hasSettled(request.getValue());
    }

    private void requireNothingLeft() {
        if (state != NodeState.DRAINING) {
            throw new InvalidRequest(
                    "the memory node is not draining; drain it before it is stopped", "memoryNode", options.name());
        }
        if (!empty.getAsBoolean()) {
            throw new InvalidRequest(
                    "the memory node still holds blocks; it can be stopped when they are freed",
                    "memoryNode",
                    options.name());
        }
    }
}
