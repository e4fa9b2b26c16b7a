package io.finemem.simulation.explore;

import io.finemem.allocator.decision.ResumeDecisions.Verdict;
import io.finemem.simulation.explore.ChainMutants.EndEffects;
import java.util.List;

/** Successors of owners with one ingredient missing. */
final class ResumeMutants {
    private ResumeMutants() {}

    static final List<Mutant> ALL = List.of(
            new Mutant(
                    "resume: slots in doubt are taken as free",
                    new EndEffects() {
                        @Override
                        Verdict successor(Verdict verdict) {
                            return verdict == Verdict.DOUBT ? Verdict.FREE : verdict;
                        }
                    },
                    "resume-claim"),
            new Mutant(
                    "resume: units in use are taken as held without a record",
                    new EndEffects() {
                        @Override
                        Verdict successor(Verdict verdict) {
                            return verdict == Verdict.DOUBT ? Verdict.HELD : verdict;
                        }
                    },
                    "resume-claim"),
            new Mutant(
                    "resume: the predecessor is not fenced",
                    new EndEffects() {
                        @Override
                        boolean fencesPredecessors() {
                            return false;
                        }
                    },
                    "resume-claim"),
            new Mutant(
                    "resume: slots that are still being decided are not known",
                    new EndEffects() {
                        @Override
                        boolean knowsUndecidedSlots() {
                            return false;
                        }
                    },
                    "resume-doubt"),
            new Mutant(
                    "resume: entries behind a missing one stay in the ring",
                    new EndEffects() {
                        @Override
                        boolean withdraws() {
                            return false;
                        }
                    },
                    "resume-strict-workers"));
}
