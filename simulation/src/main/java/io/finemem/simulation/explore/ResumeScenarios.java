package io.finemem.simulation.explore;

import static io.finemem.simulation.explore.Kind.CLAIM;
import static io.finemem.simulation.explore.Kind.CLAIM_MANY;
import static io.finemem.simulation.explore.Kind.CLAIM_SECTIONS;
import static io.finemem.simulation.explore.Kind.CLAIM_SPANS;
import static io.finemem.simulation.explore.Kind.CLOSE;
import static io.finemem.simulation.explore.Kind.CONFIRM;
import static io.finemem.simulation.explore.Kind.FREE;
import static io.finemem.simulation.explore.Kind.FREE_MANY;
import static io.finemem.simulation.explore.Kind.FREE_SPANS;
import static io.finemem.simulation.explore.Kind.OPEN;
import static io.finemem.simulation.explore.Scenario.Fault.DEATH;
import static io.finemem.simulation.explore.Scenario.Fault.LOSS;
import static io.finemem.simulation.explore.Scenario.Fault.RESTART;
import static io.finemem.simulation.explore.Scenario.Fault.RESUME;

import java.util.List;

/** Scenarios in which processes end, and others resume their owners. */
final class ResumeScenarios {
    private ResumeScenarios() {}

    static final List<Scenario> ALL = List.of(
            Scenario.of("resume-claim", "owners are resumed while claiming, freeing and confirming")
                    .all(CLAIM, FREE, CONFIRM)
                    .faults(RESUME)
                    .opened()
                    .build(),
            Scenario.of("resume-death", "owners are resumed, or declared dead before or meanwhile")
                    .slots(1)
                    .all(CLAIM, FREE, CONFIRM)
                    .faults(RESUME, DEATH)
                    .opened()
                    .build(),
            Scenario.of("resume-doubt", "owners are resumed while connections fail and the resolver stops")
                    .slots(1)
                    .all(CLAIM, FREE)
                    .faults(RESUME, LOSS, RESTART, DEATH)
                    .opened()
                    .build(),
            Scenario.of("resume-open", "an owner is resumed while opening and closing")
                    .next(OPEN, CLOSE, FREE)
                    .next(CLAIM, FREE)
                    .faults(RESUME)
                    .build(),
            Scenario.of("resume-spans", "owners of whole spans are resumed")
                    .slots(1)
                    .all(CLAIM_SPANS, FREE_SPANS, CONFIRM)
                    .spanOrders(0)
                    .faults(RESUME, DEATH)
                    .build(),
            Scenario.of("resume-sections", "owners are resumed in the middle of runs of sections")
                    .sections(2, 1, 2)
                    .slots(1)
                    .all(CLAIM_SECTIONS, FREE_SPANS)
                    .faults(RESUME)
                    .build(),
            Scenario.of("resume-batch", "owners of blocks that one chain claims or frees are resumed")
                    .all(CLAIM_MANY, FREE_MANY)
                    .faults(RESUME)
                    .opened()
                    .build(),
            Scenario.of("resume-strict", "strict isolation: owners are resumed, or declared dead")
                    .slots(1)
                    .all(CLAIM, FREE, CONFIRM)
                    .faults(RESUME, DEATH)
                    .opened()
                    .strict()
                    .build(),
            Scenario.of("resume-strict-restart", "strict isolation: owners are resumed while the agent begins again")
                    .slots(1)
                    .all(CLAIM, FREE)
                    .faults(RESUME, RESTART)
                    .opened()
                    .strict()
                    .build(),
            Scenario.of("resume-strict-workers", "strict isolation: an owner of two workers on one ring is resumed")
                    .lanes(2)
                    .owners(1)
                    .all(CLAIM, FREE)
                    .faults(RESUME)
                    .opened()
                    .strict()
                    .build());
}
