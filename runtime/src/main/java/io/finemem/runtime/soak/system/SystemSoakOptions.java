package io.finemem.runtime.soak.system;

import io.finemem.api.InvalidRequest;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * A system, and what is done to it.
 *
 * @param seed of all that is random: the moments are those of real processes, so a seed does not repeat a run
 * @param duration of the load
 * @param memoryNodes 1 or more
 * @param services 1 or more, each the owner of what its applications hold
 * @param applications 1 or more, spread over the services
 * @param paceMicros pause of an application after each operation, so that processes can start on a machine with few processors
 * @param poolBytes of each memory node, a multiple of 2 MiB
 * @param every between two faults
 * @param steady faults come at their times whether or not everybody works again; only processes are killed then
 * @param serviceEvery of so many faults, once each had its turn, one is not done to an application
 * @param faults what is done, each at least once, however long that takes; none is a load test
 * @param lease of an owner, and of whoever the directory lists
 * @param redis whether the memory nodes are found in a directory, a redis-server of the run's own
 * @param patience how long everybody has to go on after a fault, and the bound of every other wait
 * @param networkDevices interfaces that faults of the network are done to, all at once; empty if none are
 * @param jvmFlags of every process beside those of this one
 */
public record SystemSoakOptions(
        long seed,
        Duration duration,
        int memoryNodes,
        int services,
        int applications,
        int paceMicros,
        long poolBytes,
        Duration every,
        boolean steady,
        int serviceEvery,
        List<Fault> faults,
        Duration lease,
        Duration patience,
        boolean redis,
        List<String> networkDevices,
        List<String> jvmFlags) {
    private static final int MOST = 64;
    private static final long SHORTEST_SECONDS = 5;
    private static final int SLOWEST_MICROS = 100_000;
    private static final long MOST_PATIENCE_SECONDS = Duration.ofHours(1).toSeconds();

    /** Checks the ranges. */
    public SystemSoakOptions {
        faults = List.copyOf(faults);
        networkDevices = List.copyOf(networkDevices);
        jvmFlags = List.copyOf(jvmFlags);
        require(
                "--seconds",
                duration.toSeconds(),
                SHORTEST_SECONDS,
                Duration.ofDays(365).toSeconds());
        require("--memory-nodes", memoryNodes, 1, MOST);
        require("--services", services, 1, MOST);
        require("--applications", applications, services, MOST);
        require("--pace", paceMicros, 0, SLOWEST_MICROS);
        require("--service-every", serviceEvery, 1, Integer.MAX_VALUE);
        require("--every", every.toMillis(), 1, duration.toMillis());
        require("--patience", patience.toSeconds(), 1, MOST_PATIENCE_SECONDS);
        List<Fault> possible = faultsOf(memoryNodes, redis, !networkDevices.isEmpty());
        for (Fault fault : faults) {
            if (!possible.contains(fault)) {
                throw new InvalidRequest(fault + " needs " + needs(fault.on()), "faults", faults);
            }
            if (steady && !fault.steady()) {
                throw new InvalidRequest(
                        fault + " has to be waited for: --steady goes with kill-application and kill-service",
                        "faults",
                        faults);
            }
        }
    }

    /** All that can be done to such a system. */
    public static List<Fault> faultsOf(int memoryNodes, boolean redis, boolean network) {
        return Stream.of(Fault.values())
                .filter(fault -> switch (fault.on()) {
                    case APPLICATION, SERVICE -> true;
                    case MEMORY_NODE -> memoryNodes > 1;
                    case DIRECTORY -> redis;
                    case NETWORK -> network;
                })
                .toList();
    }

    private static String needs(Fault.On on) {
        return switch (on) {
            case APPLICATION, SERVICE -> "nothing";
            case MEMORY_NODE -> "--memory-nodes 2 or more: the others serve on";
            case DIRECTORY -> "--redis";
            case NETWORK -> "--network-devices, interfaces that nothing else uses";
        };
    }

    private static void require(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new InvalidRequest(
                    option + " " + value + " is not valid here: it must be " + least + " to " + most, option, value);
        }
    }
}
