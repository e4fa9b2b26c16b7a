package io.finemem.simulation.explore;

import java.util.List;

/**
 * A protocol with one ingredient missing.
 *
 * @param name what is missing
 * @param rules the protocol
 * @param scenarios where it is to be noticed: in one of them
 */
record Mutant(String name, Rules rules, List<String> scenarios) {
    Mutant(String name, Rules rules, String... scenarios) {
        this(name, rules, List.of(scenarios));
    }
}
