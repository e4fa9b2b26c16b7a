package io.finemem.runtime.metrics;

import io.finemem.allocator.control.NodeState;
import io.finemem.allocator.control.NodeStatistics;
import io.finemem.allocator.control.OwnerReport;
import io.finemem.allocator.control.PoolReport;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.RecoveryReport;
import io.finemem.allocator.memorynode.RevocationReport;
import io.finemem.spi.transport.TransportDescription;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Meters of a memory node. Gauges read one walk over its metadata, which is repeated at most once per second, whatever the number of
 * readers; owners are not disturbed by it.
 */
public final class MemoryNodeMeters implements AutoCloseable {
    private static final Duration MAX_AGE = Duration.ofSeconds(1);
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final double MILLIS_PER_SECOND = TimeUnit.SECONDS.toMillis(1);

    private final MeterSet meters;
    private final MemoryNode node;
    private final Cached<Snapshot> snapshot;

    private record Snapshot(PoolReport pool, NodeStatistics statistics, RevocationReport revocations) {
        static Snapshot of(MemoryNode node) {
            return new Snapshot(node.inspect(), node.statistics(), node.revocations());
        }
    }

    /** Registers the meters of a memory node; closed before it. */
    public MemoryNodeMeters(MeterRegistry registry, MemoryNode node, TransportDescription transport) {
        this.node = node;
        this.meters =
                new MeterSet(registry, Tags.of("memory.node", node.describe().memoryNode()));
        OwnerMeters.transport(meters, transport);
        this.snapshot = owners();
        pool();
        statistics();
        revocations();
        recoveries();
    }

    private Cached<Snapshot> owners() {
        MultiGauge used = meters.table(MeterName.OWNER_USED);
        MultiGauge silent = meters.table(MeterName.OWNER_SILENT);
        return new Cached<>(
                () -> Snapshot.of(node),
                taken -> {
                    List<OwnerReport> owners = taken.pool().owners();
                    rows(used, owners, owner -> (double) owner.coveredChunks() * Geometry.CHUNK_BYTES);
                    rows(silent, owners, owner -> owner.silentMillis() / MILLIS_PER_SECOND);
                },
                MAX_AGE);
    }

    private static void rows(MultiGauge table, List<OwnerReport> owners, ToDoubleFunction<OwnerReport> value) {
        table.register(
                owners.stream()
                        .map(owner -> MeterSet.row(
                                value.applyAsDouble(owner),
                                Tag.of("owner", String.valueOf(owner.ownerId())),
                                Tag.of("peer", owner.peerName())))
                        .toList(),
                true);
    }

    private void pool() {
        pool(MeterName.HEAP, PoolReport::heapBytes);
        pool(MeterName.METADATA, PoolReport::metadataBytes);
        pool(MeterName.USED, PoolReport::usedBytes);
        pool(MeterName.LARGEST_FREE, PoolReport::largestFreeBytes);
        pool(MeterName.FRAGMENTATION, PoolReport::fragmentation);
        pool(MeterName.SPANS, PoolReport::emptySpans, "state", "empty");
        pool(MeterName.SPANS, PoolReport::openSpans, "state", "open");
        pool(MeterName.SPANS, PoolReport::contendedSpans, "state", "contended");
        pool(MeterName.SPANS, PoolReport::takenSpans, "state", "taken");
    }

    private void pool(MeterName name, ToDoubleFunction<PoolReport> value, String... tags) {
        meters.gauge(name, () -> value.applyAsDouble(snapshot.get().pool()), tags);
    }

    private void statistics() {
        statistic(MeterName.BLOCKS, NodeStatistics::blocks);
        statistic(MeterName.OWNERS, NodeStatistics::owners);
        statistic(MeterName.SESSIONS, NodeStatistics::sessions);
        statistic(MeterName.DRAINING, now -> now.state() == NodeState.DRAINING ? 1 : 0);
    }

    private void statistic(MeterName name, ToDoubleFunction<NodeStatistics> value) {
        meters.gauge(name, () -> value.applyAsDouble(snapshot.get().statistics()));
    }

    private void revocations() {
        meters.gauge(MeterName.QUARANTINE, () -> snapshot.get().revocations().pending());
        meters.gauge(
                MeterName.REVOCATION_FAILURES,
                () -> snapshot.get().revocations().failures());
        meters.gauge(MeterName.REVOCATION_LAG, () -> node.revocationLagNanos() / NANOS_PER_SECOND);
        meters.counter(MeterName.REVOKED, () -> snapshot.get().revocations().revoked());
        meters.counter(
                MeterName.WINDOWS_EXCHANGED, () -> snapshot.get().revocations().exchangedWindows());
    }

    private void recoveries() {
        meters.gauge(MeterName.LEASE, () -> node.lease().toNanos() / NANOS_PER_SECOND);
        recovery(MeterName.LEASES_EXPIRED, RecoveryReport::expiredLeases);
        recovery(MeterName.RECLAIMED, RecoveryReport::reclaimedUnits);
        recovery(MeterName.FENCES, RecoveryReport::fences, "outcome", "done");
        recovery(MeterName.FENCES, RecoveryReport::failedFences, "outcome", "repeated");
        meters.timer(MeterName.RECOVERIES, () -> node.recoveries().recovered(), () -> node.recoveries()
                .recoveryNanos());
    }

    private void recovery(MeterName name, ToLongFunction<RecoveryReport> value, String... tags) {
        meters.counter(name, () -> value.applyAsLong(node.recoveries()), tags);
    }

    /** Brings the owners up to date; before the registry is read. */
    public void refresh() {
        snapshot.get();
    }

    /** Removes the meters. */
    @Override
    public void close() {
        meters.close();
    }
}
