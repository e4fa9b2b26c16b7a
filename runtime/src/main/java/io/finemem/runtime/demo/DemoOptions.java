package io.finemem.runtime.demo;

import io.finemem.allocator.control.Isolation;
import io.finemem.api.InvalidRequest;
import io.finemem.runtime.trace.ReplayBounds;
import java.util.List;
import java.util.Map;

/**
 * What the demonstration shall do.
 *
 * @param transport name of a transport, or {@code auto}
 * @param settings settings of each transport that has any, by its name
 * @param traces names or files, at least one
 * @param rounds how often each process replays them all, 1 or more; latencies are those of the {@linkplain #firstTimed later half}
 * @param poolBytes bytes of the pool, or 0 for as many as the traces need
 * @param isolation how blocks are guarded
 * @param zeroOnFree whether a block is zeroed before it can be allocated again
 * @param service whether the compute processes allocate through an allocation service, or are owners themselves
 * @param bounds of each trace in each process
 * @param speed as in {@link io.finemem.runtime.trace.ReplayOptions}
 */
public record DemoOptions(
        String transport,
        Map<String, Map<String, String>> settings,
        List<String> traces,
        int rounds,
        long poolBytes,
        Isolation isolation,
        boolean zeroOnFree,
        boolean service,
        ReplayBounds bounds,
        double speed) {
    /** Compute processes. */
    static final int COMPUTE_PROCESSES = 2;

    /** Unit of the pool, and longest block of the replay. */
    public static final long SECTION_BYTES = 2L << 20;

    /** Takes copies and checks the ranges. */
    public DemoOptions {
        settings = Map.copyOf(settings);
        traces = List.copyOf(traces);
        if (traces.isEmpty()) {
            throw new InvalidRequest("no trace is given: give at least one");
        }
        if (rounds < 1) {
            throw new InvalidRequest("--rounds " + rounds + " is not valid: it must be 1 or more");
        }
        if (poolBytes < 0 || poolBytes % SECTION_BYTES != 0) {
            throw new InvalidRequest(
                    "pool size " + poolBytes + " is not valid: it must be a positive multiple of 2MiB (2097152 bytes)");
        }
        if (!(speed >= 0 && speed < Double.POSITIVE_INFINITY)) {
            throw new InvalidRequest("--speed " + speed + " is not valid: it must be 0 (as fast as possible) or more");
        }
    }

    /** The first round whose latencies count: the ones before warm up the virtual machines. */
    static int firstTimed(int rounds) {
        return rounds / 2 + 1;
    }
}
