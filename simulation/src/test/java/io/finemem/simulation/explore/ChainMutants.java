package io.finemem.simulation.explore;

import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.simulation.step.PostedChain;
import java.util.List;

/** Protocols whose chains are wrong. */
final class ChainMutants {
    private static final int HALF = 0xffff;

    private ChainMutants() {}

    /** Changes the chains of one kind of action. */
    private interface Rewriting {
        void rewrite(PostedChain chain, Action action, Words words, State state);
    }

    private static Rules chains(Kind kind, Rewriting rewriting) {
        return new EndEffects() {
            @Override
            void posting(Action action, PostedChain chain, Words words, State state) {
                if (action.kind() == kind) {
                    rewriting.rewrite(chain, action, words, state);
                }
            }
        };
    }

    private static boolean writesFirst(PostedChain chain) {
        return chain.kind(0) == PostedChain.WRITE;
    }

    private static boolean onSection(PostedChain chain, int element, Words words) {
        return element < chain.size() && words.isSection(words.index(chain.offset(element)));
    }

    private static boolean onHeader(PostedChain chain, int element, Words words) {
        return element < chain.size() && words.isHeader(words.index(chain.offset(element)));
    }

    static final List<Mutant> ALL = List.of(
            new Mutant(
                    "slot written after the CAS of a claim",
                    chains(Kind.CLAIM, (chain, action, words, state) -> chain.move(0, 1)),
                    "crash-claim"),
            new Mutant(
                    "slot written after the CAS that opens",
                    chains(Kind.OPEN, (chain, action, words, state) -> {
                        if (onHeader(chain, 1, words)) {
                            chain.move(0, 1);
                        }
                    }),
                    "crash-open"),
            new Mutant(
                    "slot written after the CAS of a claim of spans",
                    chains(Kind.CLAIM_SPANS, (chain, action, words, state) -> chain.move(0, 1)),
                    "confirm-spans"),
            new Mutant(
                    "slot zeroed before the FETCH_ADD",
                    chains(
                            Kind.FREE,
                            (chain, action, words, state) -> chain.insert(
                                    chain.size() - 1, PostedChain.WRITE, slotOffset(action, words, state), 0, 0)),
                    "crash-claim"),
            new Mutant(
                    "OWNED written before the result is known",
                    chains(
                            Kind.CLAIM,
                            (chain, action, words, state) ->
                                    chain.replace(0, PostedChain.WRITE, JournalSlot.owned(chain.first(0)), 0)),
                    "crash-claim"),
            new Mutant(
                    "OWNED not withdrawn before a free",
                    chains(Kind.FREE, (chain, action, words, state) -> {
                        if (writesFirst(chain)) {
                            chain.drop(0, 0);
                        }
                    }),
                    "crash-confirm"),
            new Mutant(
                    "OWNED not withdrawn before a free of spans",
                    chains(Kind.FREE_SPANS, (chain, action, words, state) -> {
                        if (writesFirst(chain)) {
                            chain.drop(0, 0);
                        }
                    }),
                    "confirm-spans"),
            new Mutant(
                    "opening without TRANSITION slot",
                    chains(Kind.OPEN, (chain, action, words, state) -> {
                        if (onSection(chain, 1, words)) {
                            chain.drop(0, 0);
                        }
                    }),
                    "crash-open"),
            new Mutant(
                    "TRANSITION slot released before the opening ended",
                    chains(Kind.OPEN, (chain, action, words, state) -> {
                        if (onHeader(chain, 1, words)) {
                            chain.insert(0, PostedChain.WRITE, transitionOffset(action, words, state), 0, 0);
                        }
                    }),
                    "crash-open"),
            new Mutant(
                    "TRANSITION slot written after the CAS that opens",
                    chains(Kind.OPEN, (chain, action, words, state) -> {
                        if (onSection(chain, 1, words)) {
                            chain.move(0, 1);
                        }
                    }),
                    "crash-open"),
            new Mutant(
                    "closing without TRANSITION slot",
                    chains(Kind.CLOSE, (chain, action, words, state) -> {
                        if (writesFirst(chain)) {
                            chain.drop(0, 0);
                        }
                    }),
                    "crash-open"),
            new Mutant(
                    "TRANSITION slot released before the closing ended",
                    chains(Kind.CLOSE, (chain, action, words, state) -> {
                        if (!writesFirst(chain)) {
                            chain.insert(0, PostedChain.WRITE, transitionOffset(action, words, state), 0, 0);
                        }
                    }),
                    "crash-open"),
            new Mutant("open and claim in one chain", chains(Kind.OPEN, ChainMutants::openInOneChain), "two-spans"),
            new Mutant(
                    "closing ends with a FETCH_ADD while hints change",
                    chains(Kind.CLOSE, ChainMutants::closeByFetchAdd),
                    "close-claim"),
            new Mutant(
                    "taking back forgets a section",
                    chains(Kind.CLAIM_SECTIONS, (chain, action, words, state) -> {
                        if (chain.kind(0) == PostedChain.ADD) {
                            chain.replace(0, PostedChain.READ, 0, 0);
                        }
                    }),
                    "sections"),
            new Mutant(
                    "slot of a run names its first section only",
                    chains(Kind.CLAIM_SECTIONS, (chain, action, words, state) -> {
                        if (writesFirst(chain)) {
                            chain.replace(0, PostedChain.WRITE, JournalSlot.pendingSections(action.unit(), 1), 0);
                        }
                    }),
                    "sections-3"),
            new Mutant(
                    "slot of a run is written after its sections",
                    chains(Kind.CLAIM_SECTIONS, (chain, action, words, state) -> {
                        if (writesFirst(chain)) {
                            chain.move(0, chain.size() - 2);
                        }
                    }),
                    "sections-3"),
            new Mutant(
                    "free of a block clears half of it only",
                    chains(
                            Kind.FREE,
                            (chain, action, words, state) -> chain.replace(
                                    chain.size() - 1, PostedChain.ADD, SpanHeader.freeAddend(halfOf(action)), 0)),
                    "claim-claim"),
            new Mutant("claim in a closed span", new ClaimsInClosedSpans(), "spans-open", "open-claim"),
            new Mutant("closing without looking at the map", new ClosesSpansInUse(), "close-claim"),
            new Mutant("bystander helps to open", new HelpsToOpen(), "open-open", "crash-open"),
            new Mutant("claim of spans takes open ones", new ClaimsOpenSpans(), "spans-open"));

    private static long slotOffset(Action action, Words words, State state) {
        return words.layout.journalSlot(ownerOf(action, words, state) * words.slotsPerOwner + action.slot());
    }

    private static long transitionOffset(Action action, Words words, State state) {
        return words.layout.journalSlot(ownerOf(action, words, state) * words.slotsPerOwner + action.transition());
    }

    /** The owner whose ledger has what the action gives back, or who is in the transition. */
    private static int ownerOf(Action action, Words words, State state) {
        for (int owner = 0; owner < words.owners; owner++) {
            boolean frees = action.slot() >= 0
                    && action.entry() != 0
                    && state.owners[owner].ghost[action.slot()] == action.entry();
            boolean passes = action.transition() >= 0
                    && state.owners[owner].ghost[action.transition()] == JournalSlot.transition(action.unit());
            if (frees || passes) {
                return owner;
            }
        }
        return 0;
    }

    private static int halfOf(Action action) {
        return JournalSlot.mask(action.entry()) & 0x00ff_00ff;
    }

    private static void openInOneChain(PostedChain chain, Action action, Words words, State state) {
        int header = words.header(action.unit());
        if (onSection(chain, 1, words)) {
            long known = SpanHeader.withOpen(SpanHeader.withMap(state.words[header], 0), false);
            long claim = chain.offset(0) + 8L * (action.slot() - action.transition());
            chain.insert(chain.size(), PostedChain.WRITE, claim, JournalSlot.pendingChunks(action.unit(), HALF), 0);
            chain.insert(
                    chain.size(),
                    PostedChain.CAS,
                    words.layout.spanHeader(action.unit()),
                    known,
                    SpanDecisions.opened(known, HALF));
        } else {
            chain.drop(1, chain.first(1));
            chain.drop(0, 0);
            chain.insert(0, PostedChain.READ, words.layout.spanHeader(action.unit()), 0, 0);
        }
    }

    private static void closeByFetchAdd(PostedChain chain, Action action, Words words, State state) {
        if (!writesFirst(chain)) {
            long addend = (1L << 32) - (1L << 2 * (action.unit() % 16));
            chain.insert(0, PostedChain.ADD, chain.offset(0), addend, 0);
            chain.drop(1, chain.first(1));
        }
    }

    /** Only what happens to blocks counts. */
    static class EndEffects extends Rules {
        @Override
        boolean checksInside() {
            return false;
        }
    }

    private static final class ClaimsInClosedSpans extends EndEffects {
        @Override
        long claimHeader(long header) {
            return SpanHeader.withOpen(header, true);
        }

        @Override
        void posting(Action action, PostedChain chain, Words words, State state) {
            boolean closed = !SpanHeader.open(state.words[words.header(0)]);
            if (action.kind() == Kind.CLAIM && closed) {
                long expected = SpanHeader.withOpen(chain.first(1), false);
                chain.replace(1, PostedChain.CAS, expected, SpanHeader.withOpen(chain.second(1), false));
            }
        }

        @Override
        void completing(Lane lane, long[] results, Words words) {
            if (lane.action.kind() == Kind.CLAIM) {
                results[1] = SpanHeader.withOpen(results[1], true);
            }
        }
    }

    private static final class ClosesSpansInUse extends EndEffects {
        @Override
        long closeHeader(long header) {
            return SpanHeader.open(header) ? SpanHeader.withMap(header, 0) : header;
        }

        @Override
        void posting(Action action, PostedChain chain, Words words, State state) {
            if (action.kind() == Kind.CLOSE && onHeader(chain, 1, words)) {
                int map = SpanHeader.map(state.words[words.header(action.unit())]);
                long expected = SpanHeader.withMap(chain.first(1), map);
                chain.replace(1, PostedChain.CAS, expected, SpanHeader.withMap(chain.second(1), map));
            }
        }

        @Override
        void completing(Lane lane, long[] results, Words words) {
            if (lane.action.kind() == Kind.CLOSE && onHeader(lane.chain, 1, words)) {
                results[1] = SpanHeader.withMap(results[1], 0);
            }
        }
    }

    private static final class HelpsToOpen extends EndEffects {
        @Override
        long openSection(long word, int span, State state, Words words) {
            boolean passing = SectionWord.state(word, span) == SectionWord.OPEN
                    && !SpanHeader.open(state.words[words.header(span)]);
            return passing ? SectionWord.withState(word, span, SectionWord.EMPTY) : word;
        }

        @Override
        void posting(Action action, PostedChain chain, Words words, State state) {
            if (action.kind() != Kind.OPEN || !onSection(chain, 1, words)) {
                return;
            }
            long current = state.words[words.section(0)];
            boolean helps =
                    chain.first(1) != current && openSection(current, action.unit(), state, words) == chain.first(1);
            if (helps) {
                chain.drop(1, chain.first(1));
            }
        }
    }

    private static final class ClaimsOpenSpans extends EndEffects {
        @Override
        long claimSection(long word) {
            return SectionWord.withStates(word, SectionWord.openSpans(word), SectionWord.EMPTY);
        }

        @Override
        void posting(Action action, PostedChain chain, Words words, State state) {
            long current = state.words[words.section(0)];
            if (action.kind() == Kind.CLAIM_SPANS && chain.first(1) == claimSection(current)) {
                chain.replace(1, PostedChain.CAS, current, chain.second(1));
            }
        }

        @Override
        void completing(Lane lane, long[] results, Words words) {
            if (lane.action.kind() == Kind.CLAIM_SPANS) {
                results[1] = claimSection(results[1]);
            }
        }
    }
}
