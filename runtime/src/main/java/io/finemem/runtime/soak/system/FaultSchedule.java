package io.finemem.runtime.soak.system;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Whose turn it is: first every fault once, in an order that the seed decides; then those done to applications in turn, and of so
 * many faults one of the others in turn. Used by one thread.
 */
final class FaultSchedule {
    private final List<Fault> first;
    private final List<Fault> often = new ArrayList<>();
    private final List<Fault> rare = new ArrayList<>();
    private final int rareEvery;
    private final Map<Fault, Integer> times = new EnumMap<>(Fault.class);
    private int turns;
    private int oftenTurns;
    private int rareTurns;

    /** @param rareEvery of so many faults after the first ones, one is not done to an application */
    FaultSchedule(List<Fault> faults, int rareEvery, Random random) {
        first = new ArrayList<>(faults);
        Collections.shuffle(first, random);
        first.forEach(fault -> (fault.on() == Fault.On.APPLICATION ? often : rare).add(fault));
        this.rareEvery = rareEvery;
    }

    /** Whether every fault has had its turn. */
    boolean complete() {
        return turns >= first.size();
    }

    /** The next fault, which has its turn now; there must be some. */
    Fault next() {
        Fault next = complete() ? later() : first.get(turns);
        turns++;
        times.merge(next, 1, Integer::sum);
        return next;
    }

    /** How often a fault had its turn. */
    int times(Fault fault) {
        return times.getOrDefault(fault, 0);
    }

    private Fault later() {
        boolean rareTurn = often.isEmpty() || !rare.isEmpty() && (turns - first.size() + 1) % rareEvery == 0;
        return rareTurn ? rare.get(rareTurns++ % rare.size()) : often.get(oftenTurns++ % often.size());
    }
}
