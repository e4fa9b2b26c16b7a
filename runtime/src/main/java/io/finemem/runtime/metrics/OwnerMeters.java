package io.finemem.runtime.metrics;

import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.OperationListener;
import io.finemem.allocator.SizeClass;
import io.finemem.allocator.control.NodeStatus;
import io.finemem.api.MemoryStatistics;
import io.finemem.spi.transport.TransportDescription;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ToLongFunction;

/**
 * Meters of an owner. They read counters that the owner keeps anyway; the only work on the way of an allocation is that one in {@link
 * OperationListener#PERIOD} is timed.
 */
public final class OwnerMeters implements AutoCloseable {
    private static final Duration MAX_AGE = Duration.ofMillis(500);
    private static final String SIZE_CLASS = "size.class";
    private static final String OPERATION = "operation";

    private final MeterSet meters;
    private final FineMemAllocator owner;
    private final Cached<List<NodeStatus>> nodes;

    /** Registers the meters of an owner; closed before it. */
    public OwnerMeters(MeterRegistry registry, FineMemAllocator owner) {
        this.owner = owner;
        this.meters = new MeterSet(registry, Tags.empty());
        transport(meters, owner.transport());
        for (int i = 0; i < SizeClass.COUNT; i++) {
            int sizeClass = i;
            String name = SizeClass.name(i);
            meters.counter(MeterName.ALLOCATIONS, () -> owner.allocationsOf(sizeClass), SIZE_CLASS, name);
            meters.counter(MeterName.FREES, () -> owner.freesOf(sizeClass), SIZE_CLASS, name);
        }
        costs(MeterName.DOORBELLS, OperationCosts::doorbells);
        costs(MeterName.ROUND_TRIPS, OperationCosts::roundTrips);
        costs(MeterName.VERBS, OperationCosts::verbs);
        Cached<MemoryStatistics> statistics = new Cached<>(owner::statistics, taken -> {}, MAX_AGE);
        meters.counter(MeterName.CAS_RETRIES, () -> statistics.get().compareAndSwapRetries());
        held(meters, statistics);
        this.nodes = nodes();
        owner.observe(new Latencies(meters));
    }

    private void costs(MeterName name, ToLongFunction<OperationCosts> part) {
        meters.counter(name, () -> part.applyAsLong(owner.allocationCosts()), OPERATION, "allocate");
        meters.counter(name, () -> part.applyAsLong(owner.freeCosts()), OPERATION, "free");
    }

    static void transport(MeterSet meters, TransportDescription transport) {
        meters.gauge(MeterName.TRANSPORT, () -> 1, "transport", transport.transport(), "device", transport.device());
    }

    /** What an application sees of its memory, whoever allocates. */
    static void held(MeterSet meters, Cached<MemoryStatistics> statistics) {
        meters.counter(MeterName.ALLOCATION_FAILURES, () -> statistics.get().failedAllocations());
        meters.gauge(MeterName.LIVE_BLOCKS, () -> statistics.get().liveBlocks());
        meters.gauge(MeterName.LIVE_BYTES, () -> statistics.get().liveBytes());
        meters.gauge(MeterName.LEAKED_BLOCKS, () -> statistics.get().leakedBlocks());
    }

    private Cached<List<NodeStatus>> nodes() {
        MultiGauge usable = meters.table(MeterName.KNOWN_NODE_USABLE);
        MultiGauge free = meters.table(MeterName.KNOWN_NODE_FREE);
        return new Cached<>(
                owner::nodes,
                all -> {
                    usable.register(
                            all.stream()
                                    .map(node -> MeterSet.row(node.usable() ? 1 : 0, tag(node)))
                                    .toList(),
                            true);
                    free.register(
                            all.stream()
                                    .map(node -> MeterSet.row(node.freeBytes(), tag(node)))
                                    .toList(),
                            true);
                },
                MAX_AGE);
    }

    private static Tag tag(NodeStatus node) {
        return Tag.of("node", node.memoryNode());
    }

    /** Brings the memory nodes up to date; before the registry is read. */
    public void refresh() {
        nodes.get();
    }

    /** Removes the meters. */
    @Override
    public void close() {
        owner.observe(OperationListener.NONE);
        meters.close();
    }

    /** Makes a timer when there is the first time for it. */
    private static final class Latencies implements OperationListener {
        private final MeterSet meters;
        private final AtomicReferenceArray<Timer> allocations = new AtomicReferenceArray<>(SizeClass.COUNT);
        private final AtomicReferenceArray<Timer> frees = new AtomicReferenceArray<>(SizeClass.COUNT);

        Latencies(MeterSet meters) {
            this.meters = meters;
        }

        @Override
        public void allocated(int sizeClass, long nanos) {
            timer(allocations, MeterName.ALLOCATION_LATENCY, sizeClass).record(nanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public void freed(int sizeClass, long nanos) {
            timer(frees, MeterName.FREE_LATENCY, sizeClass).record(nanos, TimeUnit.NANOSECONDS);
        }

        private Timer timer(AtomicReferenceArray<Timer> timers, MeterName name, int sizeClass) {
            Timer timer = timers.get(sizeClass);
            if (timer == null) {
                timer = meters.latency(name, SIZE_CLASS, SizeClass.name(sizeClass));
                timers.set(sizeClass, timer);
            }
            return timer;
        }
    }
}
