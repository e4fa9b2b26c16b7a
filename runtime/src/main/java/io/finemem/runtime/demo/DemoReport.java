package io.finemem.runtime.demo;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.finemem.allocator.OperationCosts;
import io.finemem.runtime.trace.ReplayPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.HdrHistogram.Histogram;

/**
 * What a demonstration did and found; its JSON form has these names.
 *
 * @param transport name of the transport
 * @param device that carried the operations
 * @param deviceDetail address, link layer, limits in words
 * @param transportReason why this transport
 * @param poolBytes bytes of the pool
 * @param computeProcesses processes that replayed
 * @param throughService whether they allocated through an allocation service, which posted for them
 * @param traces what each of them replayed
 * @param rounds how often; latencies are those of the later half
 * @param operations allocations and frees of all of them
 * @param checkedBytes bytes written, read back and found right
 * @param failures overwritten blocks, failed calls, failed audits
 * @param firstFailures the first few in words
 * @param leakedBlocks chunks of 4 KiB still in use when everything was freed
 * @param auditWhileHeld the pool while the processes held what their programs held at their ends
 * @param auditAtEnd the pool when everything was freed
 * @param allocation the allocations
 * @param free the frees
 * @param rawCasP50Micros median latency in microseconds of one compare-and-swap on the same device in the same run
 * @param seconds duration of the whole run
 */
public record DemoReport(
        String transport,
        String device,
        String deviceDetail,
        String transportReason,
        long poolBytes,
        int computeProcesses,
        boolean throughService,
        List<ReplayedTrace> traces,
        int rounds,
        long operations,
        long checkedBytes,
        long failures,
        List<String> firstFailures,
        long leakedBlocks,
        Audit auditWhileHeld,
        Audit auditAtEnd,
        OperationReport allocation,
        OperationReport free,
        double rawCasP50Micros,
        double seconds) {

    /**
     * A trace, or the part of it that was replayed.
     *
     * @param events events replayed
     * @param recordedEvents events that it has
     * @param maxObjectBytes longest object that was not left out
     */
    public record ReplayedTrace(String name, int events, int recordedEvents, long maxObjectBytes) {
        static ReplayedTrace of(ReplayPlan plan) {
            return new ReplayedTrace(
                    plan.trace().name(),
                    plan.events(),
                    plan.recordedEvents(),
                    plan.bounds().maxObjectBytes());
        }
    }

    /** Nothing failed and nothing leaked. */
    @JsonProperty
    public boolean passed() {
        return failures == 0 && leakedBlocks == 0;
    }

    /** JSON form, for programs. */
    public String toJson() {
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report has no JSON form: " + this, e);
        }
    }

    /**
     * Adds up what the processes say.
     *
     * @param unruly names of processes that did not end in order
     */
    static DemoReport of(
            ChosenTransport chosen,
            Message.Connected device,
            long poolBytes,
            List<ReplayPlan> plans,
            int rounds,
            Outcome outcome,
            List<String> unruly,
            double seconds) {
        List<ComputeResult> results = outcome.results();
        OperationReport allocation = operations(results, ComputeResult::allocationCosts, ComputeResult::allocateNanos);
        OperationReport free = operations(results, ComputeResult::freeCosts, ComputeResult::freeNanos);
        List<String> failures = new ArrayList<>(outcome.firstFailures());
        unruly.forEach(name -> failures.add("the " + name + " process did not end in order"));
        return new DemoReport(
                device.transport(),
                device.device(),
                device.detail(),
                chosen.reason(),
                poolBytes,
                (int) results.stream()
                        .filter(result -> result.number() != ComputeResult.SERVICE)
                        .count(),
                results.stream().anyMatch(result -> result.number() == ComputeResult.SERVICE),
                plans.stream().map(ReplayedTrace::of).toList(),
                rounds,
                allocation.count() + free.count(),
                results.stream().mapToLong(ComputeResult::checkedBytes).sum(),
                outcome.failures() + unruly.size(),
                failures,
                outcome.atEnd().usedChunks(),
                outcome.whileHeld(),
                outcome.atEnd(),
                allocation,
                free,
                OperationReport.median(sum(results, ComputeResult::rawCasNanos)),
                seconds);
    }

    private static OperationReport operations(
            List<ComputeResult> results,
            Function<ComputeResult, OperationCosts> costs,
            Function<ComputeResult, String> nanos) {
        return OperationReport.of(
                results.stream().map(costs).reduce(OperationCosts.NONE, OperationCosts::plus), sum(results, nanos));
    }

    private static Histogram sum(List<ComputeResult> results, Function<ComputeResult, String> nanos) {
        Histogram sum = Latencies.empty();
        results.forEach(result -> sum.add(Latencies.decode(nanos.apply(result))));
        return sum;
    }
}
