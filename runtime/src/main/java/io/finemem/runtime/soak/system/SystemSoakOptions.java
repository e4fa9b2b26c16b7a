package io.finemem.runtime.soak.system;

import io.finemem.api.InvalidRequest;
import java.time.Duration;
import java.util.List;

/**
 * A system, and what is done to it.
 *
 * @param seed of all that is random: the moments are those of real processes, so a seed does not repeat a run
 * @param duration of the load
 * @param memoryNodes 1 or more
 * @param services 1 or more, each the owner of what its applications hold
 * @param applications 1 or more, spread over the services
 * @param poolBytes of each memory node, a multiple of 2 MiB
 * @param every between two faults
 * @param serviceEvery of so many faults one is done to a service
 * @param faults what is done, in turn; none is a load test
 * @param lease of an owner
 * @param networkDevice interface that faults of the network are done to; empty if none are
 * @param jvmFlags of every process beside those of this one
 */
public record SystemSoakOptions(
        long seed,
        Duration duration,
        int memoryNodes,
        int services,
        int applications,
        long poolBytes,
        Duration every,
        int serviceEvery,
        List<Fault> faults,
        Duration lease,
        String networkDevice,
        List<String> jvmFlags) {
    private static final int MOST = 64;
    private static final long SHORTEST_SECONDS = 5;

    /** Checks the ranges. */
    public SystemSoakOptions {
        faults = List.copyOf(faults);
        jvmFlags = List.copyOf(jvmFlags);
        require(
                "--seconds",
                duration.toSeconds(),
                SHORTEST_SECONDS,
                Duration.ofDays(365).toSeconds());
        require("--memory-nodes", memoryNodes, 1, MOST);
        require("--services", services, 1, MOST);
        require("--applications", applications, services, MOST);
        require("--every", every.toMillis(), 1, duration.toMillis());
        if (memoryNodes == 1 && faults.contains(Fault.KILL_MEMORY_NODE)) {
            throw new InvalidRequest(
                    "kill-memory-node needs --memory-nodes 2 or more: the others serve on", "faults", faults);
        }
        if (networkDevice.isEmpty() && faults.stream().anyMatch(Fault::ofNetwork)) {
            throw new InvalidRequest(
                    "faults of the network need --network-device, an interface that nothing else uses",
                    "faults",
                    faults);
        }
    }

    private static void require(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new InvalidRequest(
                    option + " " + value + " is not valid here: it must be " + least + " to " + most, option, value);
        }
    }
}
