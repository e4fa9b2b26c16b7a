package io.finemem.runtime.stress;

import io.finemem.spi.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** All stress tests of what the allocation protocol assumes of an adapter. */
public final class Stress {
    private static final List<BiFunction<Bench, Integer, Verdict>> TESTS = List.of(
            OrderStress::run,
            AtomicsStress::atMostOnce,
            TearingStress::run,
            AtomicsStress::atomicToEachOther,
            AtomicsStress::atomicToTheCpu,
            FenceStress::run);

    private Stress() {}

    /**
     * Runs all of them, one after the other, in this process; memory and connections of its own are all that it touches.
     *
     * @param seconds for each, 1 or more; a round that has begun is ended
     * @throws io.finemem.api.FineMemException if the device fails otherwise
     */
    public static List<Verdict> run(Transport transport, int seconds) {
        List<Verdict> verdicts = new ArrayList<>();
        for (BiFunction<Bench, Integer, Verdict> test : TESTS) {
            try (Bench bench = new Bench(transport)) {
                verdicts.add(test.apply(bench, seconds));
            }
        }
        return List.copyOf(verdicts);
    }
}
