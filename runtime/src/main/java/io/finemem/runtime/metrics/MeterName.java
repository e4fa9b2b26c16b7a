package io.finemem.runtime.metrics;

import java.util.List;

/** Every meter: its name, kind, unit, tags beside the common ones, and what it tells. docs/observability.md has the same table. */
public enum MeterName {
    TRANSPORT(
            "finemem.transport", Kind.GAUGE, "", "1; the tags tell what carries the operations", "transport", "device"),

    ALLOCATIONS("finemem.allocations", Kind.COUNTER, "", "blocks allocated", Names.SIZE_CLASS),
    FREES("finemem.frees", Kind.COUNTER, "", "blocks freed", Names.SIZE_CLASS),
    ALLOCATION_FAILURES("finemem.allocation.failures", Kind.COUNTER, "", "allocations that ended with an error"),
    ALLOCATION_LATENCY(
            "finemem.allocation.latency",
            Kind.TIMER,
            Names.SECONDS,
            "time of a blocking allocation, of one in 61",
            Names.SIZE_CLASS),
    FREE_LATENCY(
            "finemem.free.latency",
            Kind.TIMER,
            Names.SECONDS,
            "time of a blocking free, of one in 61",
            Names.SIZE_CLASS),
    DOORBELLS("finemem.doorbells", Kind.COUNTER, "", "chains posted", Names.OPERATION),
    ROUND_TRIPS("finemem.round.trips", Kind.COUNTER, "", "dependent round trips waited for", Names.OPERATION),
    VERBS("finemem.verbs", Kind.COUNTER, "", "one-sided operations posted", Names.OPERATION),
    CAS_RETRIES("finemem.cas.retries", Kind.COUNTER, "", "compare-and-swaps that met another owner's change"),
    LIVE_BLOCKS("finemem.live.blocks", Kind.GAUGE, "", "blocks held"),
    LIVE_BYTES("finemem.live.bytes", Kind.GAUGE, Names.BYTES, "bytes of blocks held"),
    LEAKED_BLOCKS("finemem.leaked.blocks", Kind.GAUGE, "", "blocks found lost by leak detection"),
    KNOWN_NODE_USABLE(
            "finemem.known.node.usable", Kind.GAUGE, "", "1 if the owner can use the memory node", Names.KNOWN_NODE),
    KNOWN_NODE_FREE(
            "finemem.known.node.free", Kind.GAUGE, Names.BYTES, "free bytes there, as heard last", Names.KNOWN_NODE),

    SERVICE_SESSIONS("finemem.service.sessions", Kind.GAUGE, "", "applications of the allocation service"),

    HEAP("finemem.pool.heap", Kind.GAUGE, Names.BYTES, "bytes that can be allocated"),
    METADATA("finemem.pool.metadata", Kind.GAUGE, Names.BYTES, "bytes of metadata"),
    USED("finemem.pool.used", Kind.GAUGE, Names.BYTES, "bytes in use, quarantine included"),
    BLOCKS("finemem.pool.blocks", Kind.GAUGE, "", "blocks in use; while owners work, an upper estimate"),
    LARGEST_FREE("finemem.pool.largest.free", Kind.GAUGE, Names.BYTES, "largest block that can be allocated"),
    FRAGMENTATION(
            "finemem.pool.fragmentation", Kind.GAUGE, "", "share of free memory that the largest block cannot get"),
    SPANS("finemem.pool.spans", Kind.GAUGE, "", "spans: empty, open, contended (of those open), taken", "state"),
    DRAINING("finemem.node.draining", Kind.GAUGE, "", "1 if the memory node wants no more blocks"),
    OWNERS("finemem.owners", Kind.GAUGE, "", "owners registered"),
    SESSIONS("finemem.control.sessions", Kind.GAUGE, "", "sessions of the control channel, tools included"),
    OWNER_USED("finemem.owner.used", Kind.GAUGE, Names.BYTES, "bytes that the owner's journal covers", "owner", "peer"),
    OWNER_SILENT(
            "finemem.owner.silent",
            Kind.GAUGE,
            Names.SECONDS,
            "time since the owner's latest heartbeat",
            "owner",
            "peer"),
    LEASE("finemem.lease", Kind.GAUGE, Names.SECONDS, "how long an owner may be silent"),
    LEASES_EXPIRED("finemem.leases.expired", Kind.COUNTER, "", "owners taken for dead because they were silent"),
    FENCES("finemem.fences", Kind.COUNTER, "", "owners cut off: done, or to be repeated", "outcome"),
    RECOVERIES(
            "finemem.recoveries", Kind.TIMER, Names.SECONDS, "owners whose memory was taken back, and the time for it"),
    RECLAIMED("finemem.reclaimed.units", Kind.COUNTER, "", "chunks, spans and sections taken back"),
    QUARANTINE("finemem.quarantine.blocks", Kind.GAUGE, "", "blocks freed whose keys are not dead yet"),
    REVOKED("finemem.revoked.blocks", Kind.COUNTER, "", "freed blocks whose keys were ended"),
    REVOCATION_LAG(
            "finemem.revocation.lag",
            Kind.GAUGE,
            Names.SECONDS,
            "longest time that a freed block may have waited by now"),
    REVOCATION_FAILURES("finemem.revocation.failures", Kind.GAUGE, "", "attempts in a row that failed until now"),
    WINDOWS_EXCHANGED(
            "finemem.windows.exchanged", Kind.COUNTER, "", "windows replaced because their keys were used up"),

    DIRECTORY_UP("finemem.directory.up", Kind.GAUGE, "", "1 while the directory is reached", Names.PROVIDER),
    DIRECTORY_OUTAGES(
            "finemem.directory.outages",
            Kind.COUNTER,
            "",
            "times that the directory was lost, or not there at the start",
            Names.PROVIDER),
    DIRECTORY_OUTAGE(
            "finemem.directory.outage",
            Kind.GAUGE,
            Names.SECONDS,
            "duration of the latest outage, until now if it lasts",
            Names.PROVIDER);

    /** What is done with it. */
    public enum Kind {
        COUNTER,
        GAUGE,
        TIMER
    }

    /** Words that occur more than once. */
    private static final class Names {
        private static final String SIZE_CLASS = "size.class";
        private static final String OPERATION = "operation";
        private static final String KNOWN_NODE = "node";
        private static final String PROVIDER = "provider";
        private static final String BYTES = "bytes";
        private static final String SECONDS = "seconds";
    }

    private final String meter;
    private final Kind kind;
    private final String unit;
    private final String description;
    private final List<String> tags;

    MeterName(String meter, Kind kind, String unit, String description, String... tags) {
        this.meter = meter;
        this.kind = kind;
        this.unit = unit;
        this.description = description;
        this.tags = List.of(tags);
    }

    /** Its name in the registry. */
    public String meter() {
        return meter;
    }

    /** What is done with it. */
    public Kind kind() {
        return kind;
    }

    /** bytes, seconds, or empty for a number. */
    public String unit() {
        return unit;
    }

    /** What it tells. */
    public String description() {
        return description;
    }

    /** Names of its tags. */
    public List<String> tags() {
        return tags;
    }

    /** Its name in Prometheus' text, without the endings of a timer's parts. */
    public String inPrometheus() {
        String name = meter.replace('.', '_');
        String withUnit = unit.isEmpty() || name.endsWith("_" + unit) ? name : name + "_" + unit;
        return kind == Kind.COUNTER ? withUnit + "_total" : withUnit;
    }
}
