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
import static io.finemem.simulation.explore.Kind.OPEN_MANY;
import static io.finemem.simulation.explore.Scenario.Fault.DEATH;
import static io.finemem.simulation.explore.Scenario.Fault.FREEZE;
import static io.finemem.simulation.explore.Scenario.Fault.HINT;
import static io.finemem.simulation.explore.Scenario.Fault.LOSS;
import static io.finemem.simulation.explore.Scenario.Fault.REJOIN;
import static io.finemem.simulation.explore.Scenario.Fault.RESTART;
import static io.finemem.simulation.explore.Scenario.Fault.STALE;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The scenarios that ship. */
final class Scenarios {
    /** Scenarios with more states than are seen in a minute or so, explored so far unless more is asked for. */
    static final Set<String> CUT_OFF = Set.of(
            "orders",
            "two-dead",
            "three-owners",
            "doubt-claim",
            "doubt-confirm",
            "doubt-open",
            "doubt-spans",
            "doubt-and-death",
            "restart-claim",
            "restart-open",
            "workers",
            "workers-doubt",
            "freeze-restart",
            "strict-two-slots",
            "strict-workers",
            "all-strict",
            "all-direct",
            "resume-claim",
            "resume-open",
            "resume-strict-workers");

    static final long CUT_OFF_STATES = 500_000;

    private Scenarios() {}

    /** Those in which owners are resumed included. */
    static List<Scenario> all() {
        return Stream.concat(ALL.stream(), ResumeScenarios.ALL.stream()).toList();
    }

    private static final List<Scenario> ALL = List.of(
            Scenario.of("claim-claim", "two owners claim in one span, with caches of any age")
                    .all(CLAIM, FREE)
                    .faults(STALE)
                    .opened()
                    .build(),
            Scenario.of("claim-free-3", "three owners claim and free in one span")
                    .owners(3)
                    .slots(1)
                    .all(CLAIM, FREE)
                    .faults(STALE)
                    .opened()
                    .build(),
            Scenario.of("open-claim", "one opens while the other claims")
                    .next(OPEN, FREE, CLOSE)
                    .next(CLAIM, FREE)
                    .faults(STALE)
                    .build(),
            Scenario.of("open-open", "both open the same two spans")
                    .spans(2)
                    .all(OPEN, FREE, CLOSE)
                    .faults(STALE)
                    .build(),
            Scenario.of("open-close", "both open and close, hints change")
                    .all(OPEN, CLOSE, FREE)
                    .faults(STALE, HINT)
                    .build(),
            Scenario.of("close-claim", "one closes while the other claims")
                    .slots(2)
                    .next(CLOSE, OPEN, FREE)
                    .next(CLAIM, FREE)
                    .faults(STALE, HINT)
                    .opened()
                    .build(),
            Scenario.of("spans-open", "whole spans are claimed while spans are opened and closed")
                    .all(CLAIM, FREE, OPEN, CLOSE, CLAIM_SPANS, FREE_SPANS)
                    .spanOrders(0)
                    .faults(STALE)
                    .build(),
            Scenario.of("two-spans", "blocks of one and two spans against openings")
                    .spans(2)
                    .all(OPEN, CLOSE, FREE, CLAIM_SPANS, FREE_SPANS)
                    .spanOrders(0, 1)
                    .build(),
            Scenario.of("orders", "blocks of 8, 16 chunks in one span")
                    .orders(3, 4)
                    .all(CLAIM, FREE)
                    .faults(DEATH)
                    .opened()
                    .build(),
            Scenario.of("sections", "runs of one and two sections with taking back")
                    .sections(2, 1, 2)
                    .slots(1)
                    .all(CLAIM_SECTIONS, FREE_SPANS)
                    .faults(STALE, DEATH, LOSS)
                    .build(),
            Scenario.of("sections-3", "runs of two sections among three, owners die")
                    .sections(3, 2, 3)
                    .slots(1)
                    .all(CLAIM_SECTIONS, FREE_SPANS)
                    .faults(DEATH, REJOIN)
                    .build(),
            Scenario.of("sections-open", "runs of sections while a span is opened")
                    .sections(2, 2)
                    .next(CLAIM_SECTIONS, FREE_SPANS)
                    .next(OPEN, CLOSE, FREE)
                    .faults(DEATH)
                    .build(),
            Scenario.of("crash-claim", "owners die while claiming and freeing")
                    .all(CLAIM, FREE)
                    .faults(DEATH, REJOIN, STALE)
                    .opened()
                    .build(),
            Scenario.of("crash-confirm", "owners die; blocks are confirmed at any time")
                    .all(CLAIM, FREE, CONFIRM)
                    .faults(DEATH, REJOIN)
                    .opened()
                    .build(),
            Scenario.of("crash-open", "owners die while opening and closing")
                    .all(OPEN, CLOSE, FREE)
                    .faults(DEATH, REJOIN, HINT)
                    .build(),
            Scenario.of("crash-spans", "owners die while claiming whole spans")
                    .all(CLAIM_SPANS, FREE_SPANS, OPEN, FREE, CLOSE)
                    .spanOrders(0)
                    .faults(DEATH, REJOIN)
                    .build(),
            Scenario.of("two-dead", "three owners, any of them may be dead at once")
                    .owners(3)
                    .slots(1)
                    .all(CLAIM, FREE, CONFIRM)
                    .faults(DEATH, STALE)
                    .opened()
                    .build(),
            Scenario.of("three-owners", "three owners of two slots")
                    .owners(3)
                    .slots(2)
                    .all(CLAIM, FREE)
                    .faults(DEATH)
                    .opened()
                    .build(),
            Scenario.of("doubt-claim", "connections fail while claiming and freeing")
                    .all(CLAIM, FREE)
                    .faults(LOSS, STALE)
                    .opened()
                    .build(),
            Scenario.of("doubt-confirm", "connections fail; blocks are confirmed at any time")
                    .all(CLAIM, FREE, CONFIRM)
                    .faults(LOSS)
                    .opened()
                    .build(),
            Scenario.of("doubt-open", "connections fail while opening and closing")
                    .all(OPEN, CLOSE, FREE)
                    .faults(LOSS, HINT)
                    .build(),
            Scenario.of("doubt-spans", "connections fail while claiming whole spans")
                    .all(CLAIM_SPANS, FREE_SPANS, OPEN, FREE, CLOSE)
                    .spanOrders(0)
                    .faults(LOSS)
                    .build(),
            Scenario.of("doubt-and-death", "connections fail and owners die, chunks only")
                    .all(CLAIM, FREE)
                    .faults(LOSS, DEATH, REJOIN)
                    .opened()
                    .build(),
            Scenario.of("restart-claim", "the resolver stops at any step, chunks only")
                    .all(CLAIM, FREE, CONFIRM)
                    .faults(DEATH, REJOIN, RESTART, LOSS)
                    .opened()
                    .build(),
            Scenario.of("restart-open", "the resolver stops at any step, openings and closings")
                    .all(OPEN, CLOSE, FREE)
                    .faults(DEATH, REJOIN, RESTART, LOSS)
                    .build(),
            Scenario.of("workers", "two workers of one owner, blocks freed and confirmed by either")
                    .lanes(2)
                    .slots(2)
                    .all(CLAIM, FREE, CONFIRM)
                    .faults(DEATH)
                    .opened()
                    .build(),
            Scenario.of("workers-doubt", "two workers of one owner, connections fail")
                    .lanes(2)
                    .slots(2)
                    .next(CLAIM, FREE, CONFIRM)
                    .next(CLAIM, FREE)
                    .faults(LOSS, DEATH)
                    .opened()
                    .build(),
            Scenario.of("confirm-spans", "blocks of whole spans are confirmed at any time, owners die")
                    .slots(1)
                    .all(CLAIM_SPANS, FREE_SPANS, CONFIRM)
                    .spanOrders(0)
                    .faults(DEATH, REJOIN, LOSS, RESTART)
                    .build(),
            Scenario.of("two-dead-restart", "both owners may be dead at once while the resolver stops and begins again")
                    .slots(1)
                    .all(CLAIM, FREE, CONFIRM)
                    .faults(DEATH, RESTART)
                    .opened()
                    .build(),
            Scenario.of("freeze-claim", "hot spans are frozen while chunks are claimed, freed and confirmed")
                    .all(CLAIM, FREE, CONFIRM)
                    .faults(DEATH, REJOIN, FREEZE)
                    .opened()
                    .build(),
            Scenario.of("freeze-restart", "the resolver stops at any step of a freeze, chunks and openings")
                    .all(CLAIM, FREE, OPEN, CLOSE)
                    .faults(DEATH, RESTART, FREEZE)
                    .build(),
            Scenario.of("freeze-doubt", "hot spans are frozen while connections fail and the resolver stops")
                    .slots(1)
                    .all(CLAIM, FREE, CONFIRM)
                    .faults(DEATH, REJOIN, LOSS, RESTART, FREEZE)
                    .opened()
                    .build(),
            Scenario.of("batch-claim", "two blocks are claimed, and freed, by one compare-and-swap; caches of any age")
                    .all(CLAIM_MANY, CLAIM, FREE_MANY, FREE)
                    .faults(STALE)
                    .opened()
                    .build(),
            Scenario.of("batch-crash", "two blocks by one compare-and-swap: owners die, blocks are confirmed")
                    .all(CLAIM_MANY, FREE_MANY, FREE, CONFIRM)
                    .faults(DEATH, REJOIN)
                    .opened()
                    .build(),
            Scenario.of("batch-doubt", "two blocks by one compare-and-swap: connections fail, the resolver stops")
                    .all(CLAIM_MANY, FREE_MANY, CONFIRM)
                    .faults(LOSS, DEATH, RESTART)
                    .opened()
                    .build(),
            Scenario.of("batch-spans", "blocks of two spans are freed by one chain while connections fail")
                    .spans(2)
                    .owners(1)
                    .all(CLAIM, FREE_MANY, CONFIRM)
                    .faults(LOSS, RESTART)
                    .opened()
                    .build(),
            Scenario.of("batch-open", "two blocks are claimed by an opening, while others claim; owners die")
                    .slots(3)
                    .next(OPEN_MANY, CLOSE, FREE_MANY)
                    .next(CLAIM, FREE)
                    .faults(DEATH)
                    .build(),
            Scenario.of("strict-batch", "strict isolation: two blocks by one compare-and-swap, owners die")
                    .next(CLAIM_MANY, FREE)
                    .next(CLAIM, FREE)
                    .faults(DEATH)
                    .opened()
                    .strict()
                    .build(),
            Scenario.of("strict-batch-doubt", "strict isolation: two blocks by one compare-and-swap, connections fail")
                    .owners(1)
                    .all(CLAIM_MANY, FREE)
                    .faults(LOSS, RESTART)
                    .opened()
                    .strict()
                    .build(),
            Scenario.of("strict-claim", "strict isolation: two owners claim and free in one span")
                    .slots(1)
                    .all(CLAIM, FREE)
                    .faults(STALE)
                    .opened()
                    .strict()
                    .build(),
            Scenario.of("strict-crash", "strict isolation: owners die")
                    .slots(1)
                    .all(CLAIM, FREE)
                    .faults(DEATH, REJOIN)
                    .opened()
                    .strict()
                    .build(),
            Scenario.of(
                            "strict-restart",
                            "strict isolation: the memory node's agent stops at any step and begins again")
                    .slots(1)
                    .all(CLAIM, FREE)
                    .faults(RESTART)
                    .opened()
                    .strict()
                    .build(),
            Scenario.of("strict-doubt", "strict isolation: connections fail")
                    .slots(1)
                    .all(CLAIM, FREE)
                    .faults(LOSS)
                    .opened()
                    .strict()
                    .build(),
            Scenario.of("strict-crash-restart", "strict isolation: owners die, and the agent stops and begins again")
                    .slots(1)
                    .all(CLAIM, FREE)
                    .faults(DEATH, RESTART, REJOIN)
                    .opened()
                    .strict()
                    .build(),
            Scenario.of("strict-crash-doubt", "strict isolation: owners die, connections fail, blocks are confirmed")
                    .slots(1)
                    .all(CLAIM, FREE, CONFIRM)
                    .faults(DEATH, LOSS)
                    .opened()
                    .strict()
                    .build(),
            Scenario.of("strict-two-slots", "strict isolation: owners of two slots, two entries in a ring")
                    .all(CLAIM, FREE)
                    .faults(RESTART)
                    .opened()
                    .strict()
                    .build(),
            Scenario.of("strict-spans", "strict isolation: chunks and whole spans, openings and closings")
                    .next(OPEN, CLOSE, FREE)
                    .next(CLAIM_SPANS, FREE_SPANS)
                    .spanOrders(0)
                    .strict()
                    .build(),
            Scenario.of("strict-spans-crash", "strict isolation: whole spans, everything goes wrong")
                    .slots(1)
                    .all(CLAIM_SPANS, FREE_SPANS, CONFIRM)
                    .spanOrders(0)
                    .faults(DEATH, REJOIN, LOSS, RESTART)
                    .strict()
                    .build(),
            Scenario.of("strict-workers", "strict isolation: two workers of one owner, one ring")
                    .lanes(2)
                    .owners(1)
                    .all(CLAIM, FREE)
                    .faults(RESTART, LOSS)
                    .opened()
                    .strict()
                    .build(),
            Scenario.of("all-strict", "everything of strict isolation at once")
                    .all(CLAIM, FREE, OPEN, CLOSE, CLAIM_SPANS, FREE_SPANS, CONFIRM)
                    .spanOrders(0)
                    .faults(DEATH, REJOIN, LOSS, RESTART, STALE, HINT)
                    .strict()
                    .build(),
            Scenario.of("all-direct", "everything of direct mode at once")
                    .all(CLAIM, FREE, OPEN, CLOSE, CLAIM_SPANS, FREE_SPANS, CONFIRM)
                    .spanOrders(0)
                    .faults(DEATH, REJOIN, LOSS, RESTART, STALE, HINT)
                    .build());

    static Scenario named(String name) {
        return all().stream()
                .filter(scenario -> scenario.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "there is no scenario named " + name + "; finemem explore --list names them"));
    }
}
