package io.finemem.runtime.demo;

import io.finemem.allocator.OperationCosts;
import org.HdrHistogram.Histogram;

/**
 * What one kind of operation cost and how long it took.
 *
 * @param count operations
 * @param doorbells mean chains posted per operation
 * @param roundTrips mean dependent round trips waited for per operation
 * @param verbs mean one-sided operations posted per operation
 * @param p50Micros median latency in microseconds
 * @param p99Micros 99th percentile of the latency in microseconds
 */
public record OperationReport(
        long count, double doorbells, double roundTrips, double verbs, double p50Micros, double p99Micros) {
    private static final double MEDIAN = 50;
    private static final double TAIL = 99;
    private static final double DECIMALS = 1e4;

    static OperationReport of(OperationCosts costs, Histogram nanos) {
        return new OperationReport(
                costs.count(),
                mean(costs.doorbells(), costs.count()),
                mean(costs.roundTrips(), costs.count()),
                mean(costs.verbs(), costs.count()),
                Latencies.micros(nanos, MEDIAN),
                Latencies.micros(nanos, TAIL));
    }

    static double median(Histogram nanos) {
        return Latencies.micros(nanos, MEDIAN);
    }

    private static double mean(long sum, long count) {
        return count == 0 ? 0 : Math.round(DECIMALS * sum / count) / DECIMALS;
    }
}
