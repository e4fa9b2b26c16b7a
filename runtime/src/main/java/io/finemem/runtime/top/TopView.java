package io.finemem.runtime.top;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** What is shown: tables of memory nodes, of their owners, and of daemons and applications that allocate. Pure. */
final class TopView {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final double MICROS_PER_SECOND = TimeUnit.SECONDS.toMicros(1);
    private static final double MILLIS_PER_SECOND = TimeUnit.SECONDS.toMillis(1);
    private static final double PERCENT = 100;
    private static final double KIB = 1024;
    private static final String NOTHING = "-";
    private static final String USED = "finemem_pool_used_bytes";
    private static final String ALLOCATIONS = "finemem_allocations_total";

    private TopView() {}

    /**
     * Lines without their ends: first endpoints that do not answer and directories that are away, then the tables.
     *
     * @param before an earlier answer of each endpoint, for rates
     * @param now the latest one, in the same order
     * @param columns how wide a table may be
     */
    static List<String> lines(List<Scrape> before, List<Scrape> now, int columns) {
        Table nodes = new Table(
                2,
                "MEMORY NODE",
                "STATE",
                "POOL",
                "USED",
                "USED%",
                "LARGEST",
                "FRAG%",
                "BLOCKS",
                "OWNERS",
                "QUARANTINE",
                "LAG ms",
                "EXPIRED",
                "RECOVERED");
        Table owners = new Table(2, "OWNER", "OF", "ID", "USED", "SILENT s");
        Table clients = new Table(
                2,
                "ALLOCATES",
                "TRANSPORT",
                "ALLOC/s",
                "FREE/s",
                "p50 us",
                "p99 us",
                "TRIPS/ALLOC",
                "RETRY/s",
                "FAIL/s",
                "HELD",
                "BLOCKS",
                "SESSIONS");
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < now.size(); i++) {
            Scrape scrape = now.get(i);
            if (!scrape.answered()) {
                failures.add(scrape.endpoint() + " " + scrape.failure());
            }
            directory(failures, scrape);
            if (scrape.has(USED)) {
                node(nodes, scrape);
                owners(owners, scrape);
            }
            if (scrape.has(ALLOCATIONS)) {
                client(clients, before.get(i), scrape);
            }
        }
        // What is wrong comes first: a small terminal shows no more.
        List<String> lines = new ArrayList<>(failures);
        for (Table table : List.of(nodes, clients, owners)) {
            if (table.hasRows()) {
                lines.addAll(table.lines(columns));
                lines.add("");
            }
        }
        return lines;
    }

    private static void directory(List<String> failures, Scrape scrape) {
        scrape.all("finemem_directory_up").stream()
                .filter(up -> up.value() == 0)
                .map(up -> String.format(
                        Locale.ROOT,
                        "%s has lost its directory (%s), since %.0f s",
                        scrape.endpoint(),
                        clean(up.label("provider")),
                        scrape.sum("finemem_directory_outage_seconds")))
                .forEach(failures::add);
    }

    private static void node(Table table, Scrape scrape) {
        double pool = scrape.sum("finemem_pool_heap_bytes");
        double used = scrape.sum(USED);
        table.row(
                clean(scrape.all(USED).get(0).label("memory_node")),
                scrape.sum("finemem_node_draining") == 0 ? "serving" : "draining",
                bytes(pool),
                bytes(used),
                number(PERCENT * used / pool),
                bytes(scrape.sum("finemem_pool_largest_free_bytes")),
                number(PERCENT * scrape.sum("finemem_pool_fragmentation")),
                whole(scrape.sum("finemem_pool_blocks")),
                whole(scrape.sum("finemem_owners")),
                whole(scrape.sum("finemem_quarantine_blocks")),
                number(MILLIS_PER_SECOND * scrape.sum("finemem_revocation_lag_seconds")),
                whole(scrape.sum("finemem_leases_expired_total")),
                whole(scrape.sum("finemem_recoveries_seconds_count")));
    }

    private static void owners(Table table, Scrape scrape) {
        scrape.all("finemem_owner_used_bytes").stream()
                .sorted(Comparator.comparingDouble(Sample::value).reversed())
                .forEach(owner -> table.row(
                        clean(owner.label("peer")),
                        clean(owner.label("memory_node")),
                        clean(owner.label("owner")),
                        bytes(owner.value()),
                        number(scrape.sum("finemem_owner_silent_seconds", silent -> silent.label("owner")
                                .equals(owner.label("owner"))))));
    }

    private static void client(Table table, Scrape before, Scrape now) {
        double allocations = delta(before, now, ALLOCATIONS);
        double trips = now.sum("finemem_round_trips_total", TopView::ofAllocations)
                - before.sum("finemem_round_trips_total", TopView::ofAllocations);
        List<Sample> transport = now.all("finemem_transport");
        table.row(
                now.endpoint(),
                transport.isEmpty()
                        ? NOTHING
                        : clean(transport.get(0).label("transport") + " "
                                + transport.get(0).label("device")),
                rate(before, now, ALLOCATIONS),
                rate(before, now, "finemem_frees_total"),
                quantile(before, now, 0.5),
                quantile(before, now, 0.99),
                before.answered() && allocations > 0 ? number(trips / allocations) : NOTHING,
                rate(before, now, "finemem_cas_retries_total"),
                rate(before, now, "finemem_allocation_failures_total"),
                bytes(now.sum("finemem_live_bytes")),
                whole(now.sum("finemem_live_blocks")),
                whole(now.sum("finemem_service_sessions")));
    }

    private static boolean ofAllocations(Sample sample) {
        return sample.label("operation").equals("allocate");
    }

    private static double delta(Scrape before, Scrape now, String name) {
        return now.sum(name) - before.sum(name);
    }

    private static String rate(Scrape before, Scrape now, String name) {
        double seconds = (now.nanos() - before.nanos()) / NANOS_PER_SECOND;
        double delta = delta(before, now, name);
        return before.answered() && seconds > 0 && delta >= 0 ? whole(delta / seconds) : NOTHING;
    }

    /** Upper bound of the bucket that the quantile falls into. */
    private static String quantile(Scrape before, Scrape now, double quantile) {
        Map<Double, Double> buckets = new TreeMap<>();
        add(buckets, now, 1);
        add(buckets, before, -1);
        double all = buckets.getOrDefault(Double.POSITIVE_INFINITY, 0.0);
        if (all <= 0 || !before.answered()) {
            return NOTHING;
        }
        double bound = buckets.entrySet().stream()
                .filter(bucket -> bucket.getValue() >= quantile * all)
                .mapToDouble(Map.Entry::getKey)
                .min()
                .orElse(Double.POSITIVE_INFINITY);
        return Double.isInfinite(bound) ? "inf" : "<" + number(MICROS_PER_SECOND * bound);
    }

    private static void add(Map<Double, Double> buckets, Scrape scrape, double sign) {
        for (Sample sample : scrape.all("finemem_allocation_latency_seconds_bucket")) {
            buckets.merge(PrometheusText.number(sample.label("le")), sign * sample.value(), Double::sum);
        }
    }

    /** What others named themselves must not move the cursor. */
    private static String clean(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private static String bytes(double bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        double value = bytes;
        while (value >= KIB && unit < units.length - 1) {
            value /= KIB;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f%s" : "%.1f%s", value, units[unit]);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 10 || value == Math.rint(value) ? "%.0f" : "%.2f", value);
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }
}
