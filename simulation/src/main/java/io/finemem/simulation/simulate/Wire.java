package io.finemem.simulation.simulate;

import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.RequestRevoke;
import io.finemem.allocator.procedure.WriteSlots;
import io.finemem.api.ProtocolViolation;
import io.finemem.simulation.simulate.Client.Link;
import io.finemem.simulation.step.Ledger.Actor;
import io.finemem.simulation.step.PostedChain;
import io.finemem.simulation.step.Violation;
import java.util.ArrayList;
import java.util.List;
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

    /** A chain of the memory node is about to be executed. */
    void posting(Procedure procedure, PostedChain chain) {
        posting.posting(procedure, chain);
    }

    /** A number from 0 on, below this. */
    long upTo(long bound) {
        return random.nextLong(bound);
    }

    boolean happens(double probability) {
        return probability > 0 && random.nextDouble() < probability && !calm;
    }

    /** A procedure with a chain on its way; none is equal to another. */
    static final class Posted {
        private final Procedure procedure;
        private final Running running;

        private Posted(Procedure procedure, Running running) {
            this.procedure = procedure;
            this.running = running;
        }
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
        Link link = running.link();
        Client client = running.client();
        Actor actor = running.actor();
        long travel = delay() + (happens(knobs.stuck()) ? random.nextLong(LATE * knobs.lease()) : 0);
        long arrival = Math.max(travel, link.arrived - clock.now());
        link.arrived = clock.now() + arrival + chain.size() * GAP;
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
        await(new Posted(procedure, running), link, results, arrival + chain.size() * GAP + delay());
    }

    private void await(Posted posted, Link link, long[] results, long back) {
        link.outstanding.add(posted);
        if (happens(knobs.loss())) {
            losses++;
            clock.after(random.nextLong(back), () -> posted.running.onOwner(() -> fence(link)));
            return;
        }
        clock.after(back, () -> {
            // Of a connection that was fenced no completion arrives; the owner hears of it with its heartbeat.
            if (!link.cut) {
                posted.running.onOwner(() -> {
                    if (link.outstanding.remove(posted)) {
                        complete(posted.procedure, results, posted.running);
                    }
                });
            }
        });
    }

    private void complete(Procedure procedure, long[] results, Running running) {
        try {
            procedure.completed(element -> results[element]);
        } catch (ProtocolViolation e) {
            throw new Violation("an owner finds: " + e.getMessage());
        }
        run(procedure, running);
    }

    /** The owner has the node fence the connection, and only then goes on with everything that was posted on it. */
    private void fence(Link link) {
        clock.after(delay(), () -> {
            link.cut = true;
            clock.after(delay(), () -> {
                List<Posted> lost = new ArrayList<>(link.outstanding);
                link.outstanding.clear();
                lost.forEach(posted -> posted.running.onOwner(() -> lost(posted)));
            });
        });
    }

    private void lost(Posted posted) {
        posted.procedure.lost();
        posted.running.lost();
        if (posted.procedure instanceof WriteSlots) {
            run(posted.procedure, posted.running);
        } else if (posted.procedure instanceof RequestRevoke request) {
            run(request.resume(), posted.running);
        }
    }
}
