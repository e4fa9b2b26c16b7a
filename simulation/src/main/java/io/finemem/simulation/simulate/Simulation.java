package io.finemem.simulation.simulate;

import io.finemem.simulation.step.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A run of a whole system on one thread: memory nodes, owners and all that goes wrong come from one seed. After a phase with
 * faults comes one without: everything pending must end, everybody dead be recovered, and everything become free.
 */
final class Simulation {
    private static final long CHECK_EVERY = 200;
    private static final long MAX_CALM_LEASES = 400;
    private static final long MAX_EVENTS = 2_000_000;

    final Knobs knobs;
    final SplittableRandom random;
    final Clock clock = new Clock();
    final Trace trace = new Trace();
    final Wire wire;
    final List<Node> nodes = new ArrayList<>();
    final List<OwnerProcess> owners = new ArrayList<>();
    private final List<ResolverThread> resolvers = new ArrayList<>();
    private final long seed;
    private final long activeSteps;
    private boolean calm;
    private long allocations;
    private long retries;
    private int mostRetries;
    long refused;
    long revoked;
    long deaths;
    long suspicions;
    long pauses;

    Simulation(long seed, Knobs knobs, SplittableRandom random, long activeSteps, Wire.Posting posting) {
        this.seed = seed;
        this.knobs = knobs;
        this.random = random;
        this.activeSteps = activeSteps;
        this.wire = new Wire(clock, random, knobs, posting);
        for (int i = 0; i < knobs.nodes(); i++) {
            Node node = new Node(i, knobs, trace);
            nodes.add(node);
            resolvers.add(new ResolverThread(node, clock, wire, knobs));
        }
        for (int i = 0; i < knobs.owners(); i++) {
            owners.add(new OwnerProcess(i, this));
        }
    }

    boolean calm() {
        return calm;
    }

    void allocated(int failedAttempts) {
        allocations++;
        retries += failedAttempts;
        mostRetries = Math.max(mostRetries, failedAttempts);
    }

    SimulationReport run() {
        String failure = "";
        try {
            owners.forEach(OwnerProcess::start);
            resolvers.forEach(ResolverThread::start);
            active();
            calmDown();
        } catch (Violation e) {
            failure = e.getMessage() + " (after " + trace.steps() + " operations, at " + clock.now() / 1_000 + " us)";
        }
        return report(failure);
    }

    private void active() {
        long checked = 0;
        for (long events = 0; trace.steps() < activeSteps && events < MAX_EVENTS && !requestsDone(); events++) {
            clock.step();
            if (trace.steps() - checked >= CHECK_EVERY) {
                checked = trace.steps();
                nodes.forEach(Node::check);
            }
        }
        nodes.forEach(Node::check);
    }

    private boolean requestsDone() {
        return allocations >= (long) knobs.requests() * knobs.owners() * knobs.workers();
    }

    private void calmDown() {
        calm = true;
        wire.calm();
        long end = clock.now() + MAX_CALM_LEASES * knobs.lease();
        long checked = trace.steps();
        while (!quiet()) {
            if (clock.now() > end) {
                throw new Violation("something does not end although nothing goes wrong any more: " + pending());
            }
            clock.step();
            if (trace.steps() - checked >= CHECK_EVERY) {
                checked = trace.steps();
                nodes.forEach(Node::check);
            }
        }
        nodes.forEach(Node::check);
        nodes.forEach(Node::checkClean);
    }

    private boolean quiet() {
        for (OwnerProcess owner : owners) {
            if (owner.isDead() || !quiet(owner)) {
                return false;
            }
        }
        return resolvers.stream().allMatch(ResolverThread::idle);
    }

    private static boolean quiet(OwnerProcess owner) {
        for (Worker worker : owner.workers) {
            if (!worker.idle()) {
                return false;
            }
        }
        for (Client client : owner.clients) {
            if (client == null
                    || client.ended
                    || !client.blocks.isEmpty()
                    || !client.doubts.isEmpty()
                    || !client.waiting.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private String pending() {
        StringBuilder text = new StringBuilder();
        for (OwnerProcess owner : owners) {
            if (owner.isDead() || !quiet(owner)) {
                text.append("owner ").append(owner.number).append(owner.isDead() ? " is dead; " : " is busy; ");
            }
        }
        for (int i = 0; i < resolvers.size(); i++) {
            text.append(resolvers.get(i).idle() ? "" : "the resolver of node " + i + " is at work; ");
        }
        return text.toString();
    }

    private SimulationReport report(String failure) {
        long recovered = resolvers.stream().mapToLong(ResolverThread::recovered).sum();
        long restarts = resolvers.stream().mapToLong(ResolverThread::restarts).sum();
        return new SimulationReport(
                seed,
                knobs.toString(),
                trace.steps(),
                trace.hash(),
                allocations,
                refused,
                retries,
                mostRetries,
                deaths,
                suspicions,
                wire.losses(),
                recovered,
                restarts,
                knobs.strict(),
                revoked,
                resolvers.stream().mapToLong(ResolverThread::sweeps).sum(),
                failure);
    }
}
