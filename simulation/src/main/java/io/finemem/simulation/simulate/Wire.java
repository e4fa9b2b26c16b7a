package io.finemem.simulation.simulate;

import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.WriteSlots;
import io.finemem.api.ProtocolViolation;
import io.finemem.simulation.simulate.Client.Link;
import io.finemem.simulation.step.Ledger.Actor;
import io.finemem.simulation.step.PostedChain;
import io.finemem.simulation.step.Violation;
import java.util.SplittableRandom;

/** Executes the chains of owners in virtual time: with delays, stuck operations, failed connections and fences. */
final class Wire {
    private static final int LATE = 20;
    private static final long GAP = 100;

    private final Clock clock;
    private final SplittableRandom random;
    private final Knobs knobs;
    private final Posting posting;
    private boolean calm;
    private long losses;

    /** May change a chain before it is posted, to see whether a broken protocol is noticed. */
    interface Posting {
        /** The protocol that ships. */
        Posting UNCHANGED = (procedure, chain) -> {};

        /** A chain is about to be posted. */
        void posting(Procedure procedure, PostedChain chain);
    }

    Wire(Clock clock, SplittableRandom random, Knobs knobs, Posting posting) {
        this.clock = clock;
        this.random = random;
        this.knobs = knobs;
        this.posting = posting;
    }

    /** No more faults from now on. */
    void calm() {
        calm = true;
    }

    long losses() {
        return losses;
    }

    long delay() {
        return knobs.delay() / 2 + random.nextLong(knobs.delay());
    }

    boolean happens(double probability) {
        return probability > 0 && random.nextDouble() < probability && !calm;
    }

    /** What an owner does with a procedure that runs for it. */
    interface Running {
        /** By whom the elements are executed. */
        Actor actor();

        /** The client for which it runs. */
        Client client();

        /** The connection that it uses. */
        Link link();

        /** Runs something on the owner's side, if it is alive, as soon as it is not paused. */
        void onOwner(Runnable action);

        /** It is finished. */
        void finished();

        /** Its connection failed and is fenced; it is in doubt. */
        void lost();
    }

    /** Posts the next chain of a procedure, and so on to its end. */
    void run(Procedure procedure, Running running) {
        PostedChain chain = PostedChain.post(procedure);
        if (chain == null) {
            running.finished();
            return;
        }
        posting.posting(procedure, chain);
        long[] results = chain.newResults();
        long arrival = delay() + (happens(knobs.stuck()) ? random.nextLong(LATE * knobs.lease()) : 0);
        Link link = running.link();
        Client client = running.client();
        Actor actor = running.actor();
        for (int i = 0; i < chain.size(); i++) {
            int element = i;
            // A READ may be executed before or after its neighbours.
            long time = chain.kind(i) == PostedChain.READ
                    ? random.nextLong(arrival + chain.size() * GAP)
                    : arrival + i * GAP;
            clock.after(time, () -> {
                if (!link.cut) {
                    results[chain.result(element)] = client.node.execute(actor, chain, element);
                }
            });
        }
        long back = arrival + chain.size() * GAP + delay();
        if (happens(knobs.loss())) {
            losses++;
            clock.after(random.nextLong(back), () -> running.onOwner(() -> fence(procedure, running, link)));
        } else {
            clock.after(back, () -> {
                // Of a connection that was fenced no completion arrives; the owner hears of it with its heartbeat.
                if (!link.cut) {
                    running.onOwner(() -> complete(procedure, results, running));
                }
            });
        }
    }

    private void complete(Procedure procedure, long[] results, Running running) {
        try {
            procedure.completed(element -> results[element]);
        } catch (ProtocolViolation e) {
            throw new Violation("an owner finds: " + e.getMessage());
        }
        run(procedure, running);
    }

    /** The owner has the node fence the connection, and only then goes on. */
    private void fence(Procedure procedure, Running running, Link link) {
        clock.after(delay(), () -> {
            link.cut = true;
            clock.after(
                    delay(),
                    () -> running.onOwner(() -> {
                        procedure.lost();
                        running.lost();
                        if (procedure instanceof WriteSlots) {
                            run(procedure, running);
                        }
                    }));
        });
    }
}
