package io.finemem.simulation.explore;

import io.finemem.simulation.explore.ChainMutants.EndEffects;
import io.finemem.simulation.step.PostedChain;
import java.util.List;
import java.util.function.Consumer;

/** Claims and frees of several blocks by one chain, with one ingredient missing. */
final class BatchMutants {
    private BatchMutants() {}

    private static Rules chains(Kind kind, Consumer<PostedChain> rewriting) {
        return new EndEffects() {
            @Override
            void posting(Action action, PostedChain chain, Words words, State state) {
                if (action.kind() == kind) {
                    rewriting.accept(chain);
                }
            }
        };
    }

    private static Rules afterLoss(Kind kind, Rules.AfterLoss then) {
        return new EndEffects() {
            @Override
            AfterLoss afterLoss(Action action) {
                return action.kind() == kind ? then : super.afterLoss(action);
            }
        };
    }

    private static int atomic(PostedChain chain) {
        int element = 0;
        while (chain.kind(element) == PostedChain.WRITE) {
            element++;
        }
        return element;
    }

    private static void lastSlotLate(PostedChain chain) {
        int atomic = atomic(chain);
        chain.move(atomic - 1, atomic);
    }

    private static void lastSlotMissing(PostedChain chain) {
        chain.drop(atomic(chain) - 1, 0);
    }

    private static void firstPromiseStays(PostedChain chain) {
        if (chain.kind(0) == PostedChain.WRITE) {
            chain.drop(0, 0);
        }
    }

    private static void promisesWithdrawnLate(PostedChain chain) {
        if (chain.kind(0) == PostedChain.WRITE) {
            chain.move(0, chain.size() - 1);
        }
    }

    static final List<Mutant> ALL = List.of(
            new Mutant(
                    "batch: last slot written after the CAS",
                    chains(Kind.CLAIM_MANY, BatchMutants::lastSlotLate),
                    "batch-crash"),
            new Mutant(
                    "batch: last slot not written",
                    chains(Kind.CLAIM_MANY, BatchMutants::lastSlotMissing),
                    "batch-crash"),
            new Mutant(
                    "batch: last slot written after the CAS, strict",
                    chains(Kind.CLAIM_MANY, BatchMutants::lastSlotLate),
                    "strict-batch"),
            new Mutant(
                    "batch: last slot of an opening written after the CAS",
                    chains(Kind.OPEN_MANY, BatchMutants::lastSlotLate),
                    "batch-open"),
            new Mutant(
                    "batch: one of the promises not withdrawn",
                    chains(Kind.FREE_MANY, BatchMutants::firstPromiseStays),
                    "batch-crash"),
            new Mutant(
                    "batch: one of the promises withdrawn after the FETCH_ADD",
                    chains(Kind.FREE_MANY, BatchMutants::promisesWithdrawnLate),
                    "batch-crash"),
            new Mutant(
                    "batch: free posted again",
                    afterLoss(Kind.FREE_MANY, Rules.AfterLoss.REPEAT),
                    "batch-doubt",
                    "batch-spans"),
            new Mutant(
                    "batch: claim that was cut off taken as not executed",
                    afterLoss(Kind.CLAIM_MANY, Rules.AfterLoss.FORGET),
                    "batch-doubt"));
}
