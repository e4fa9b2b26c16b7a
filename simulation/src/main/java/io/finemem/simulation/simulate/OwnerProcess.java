package io.finemem.simulation.simulate;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.procedure.WriteSlots;
import io.finemem.simulation.simulate.Client.Block;
import io.finemem.simulation.simulate.Client.Link;
import io.finemem.simulation.step.Ledger;
import io.finemem.simulation.step.Ledger.Actor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An owner: its clients at the memory nodes, its workers, its heartbeat; dies, pauses and comes back. */
final class OwnerProcess {
    private static final int BEATS_PER_LEASE = 4;
    private static final int REBIRTH_LEASES = 3;

    final int number;
    final Simulation simulation;
    final @Nullable Client[] clients;
    final List<Worker> workers = new ArrayList<>();
    /** By memory node, until when heartbeats do not get through. */
    private final long[] cutOffUntil;

    private final double rate;
    private int incarnation;
    private boolean dead;
    private long pausedUntil;

    OwnerProcess(int number, Simulation simulation) {
        this.number = number;
        this.simulation = simulation;
        this.clients = new Client[simulation.nodes.size()];
        this.cutOffUntil = new long[clients.length];
        double skew = simulation.knobs.skew();
        this.rate = skew == 0 ? 1 : 1 - skew + 2 * skew * simulation.random.nextDouble();
    }

    /** Comes to life. */
    void start() {
        dead = false;
        incarnation++;
        workers.clear();
        for (int i = 0; i < simulation.knobs.workers(); i++) {
            workers.add(new Worker(this, i));
        }
        for (int node = 0; node < clients.length; node++) {
            join(node);
        }
        for (Worker worker : workers) {
            onOwner(worker::next);
        }
    }

    private void join(int node) {
        Client client = simulation.nodes.get(node).admit(simulation.clock.now());
        if (client == null) {
            later(simulation.knobs.lease(), () -> join(node));
            return;
        }
        clients[node] = client;
        later(beat(), () -> heartbeat(node, client));
    }

    /** By the owner's clock, which is fast or slow. */
    private long beat() {
        return (long) (simulation.knobs.lease() / BEATS_PER_LEASE * rate);
    }

    private void later(long nanos, Runnable action) {
        int now = incarnation;
        simulation.clock.after(nanos, () -> {
            if (now == incarnation) {
                onOwner(action);
            }
        });
    }

    /** Runs something if this incarnation is alive, as soon as it is not paused. */
    void onOwner(Runnable action) {
        if (dead) {
            return;
        }
        if (simulation.clock.now() < pausedUntil) {
            later(pausedUntil - simulation.clock.now(), action);
            return;
        }
        action.run();
    }

    int incarnation() {
        return incarnation;
    }

    boolean isDead() {
        return dead;
    }

    private void heartbeat(int node, Client client) {
        Knobs knobs = simulation.knobs;
        if (client.ended) {
            return;
        }
        if (simulation.wire.happens(knobs.crash())) {
            die();
            return;
        }
        if (simulation.wire.happens(knobs.pause())) {
            simulation.pauses++;
            pausedUntil = simulation.clock.now() + simulation.random.nextLong(3 * knobs.lease());
        }
        if (simulation.wire.happens(knobs.partition())) {
            cutOffUntil[node] = simulation.clock.now() + simulation.random.nextLong(3 * knobs.lease());
        }
        boolean cutOff = simulation.clock.now() < cutOffUntil[node];
        if (!cutOff && !simulation.wire.happens(knobs.beatLoss())) {
            long answered = client.settling ? -1 : client.settled;
            simulation.clock.after(simulation.wire.delay(), () -> beatArrives(node, client, answered));
        }
        later(beat(), () -> heartbeat(node, client));
    }

    private void die() {
        simulation.deaths++;
        dead = true;
        incarnation++;
        for (Client client : clients) {
            if (client != null) {
                client.ended = true;
            }
        }
        int now = incarnation;
        simulation.clock.after(REBIRTH_LEASES * simulation.knobs.lease(), () -> {
            if (now == incarnation) {
                start();
            }
        });
    }

    /** At the memory node. */
    private void beatArrives(int node, Client client, long answered) {
        if (client.state != Client.State.LIVE) {
            simulation.clock.after(simulation.wire.delay(), () -> ifSame(client, () -> fenced(node, client)));
            return;
        }
        client.lastHeartbeat = simulation.clock.now();
        List<Integer> decided = new ArrayList<>();
        for (int slot : client.doubts) {
            if (client.node.doubts.putIfAbsent(slot, false) == Boolean.TRUE) {
                decided.add(slot);
            }
        }
        long requested = client.settleRequested;
        simulation.clock.after(simulation.wire.delay(), () -> ifSame(client, () -> answer(client, decided, requested)));
    }

    /** Runs something on the owner if the client is still its. */
    void ifSame(Client client, Runnable action) {
        if (!client.ended) {
            onOwner(() -> {
                if (!client.ended) {
                    action.run();
                }
            });
        }
    }

    private void fenced(int node, Client client) {
        client.ended = true;
        simulation.suspicions++;
        clients[node] = null;
        for (Worker worker : workers) {
            worker.clientEnded(client);
        }
        join(node);
    }

    private void answer(Client client, List<Integer> decided, long requested) {
        for (Integer slot : decided) {
            // Heard twice if two heartbeats were under way.
            if (client.doubts.remove(slot)) {
                client.node.doubts.remove(slot);
                client.stale.remove(slot);
                client.giveSlot(slot);
            }
        }
        if (requested > client.settled && !client.settling) {
            client.settling = true;
            settle(client, requested, client.connect());
        }
    }

    /** Writes what the slots should say, batch by batch, leaving those alone that a chain is under way for. */
    private void settle(Client client, long requested, Link link) {
        WriteSlots writes = new WriteSlots(client.node.layout).prepare();
        List<Integer> erased = new ArrayList<>();
        List<Block> confirmed = new ArrayList<>();
        for (int slot : client.freeSlots) {
            if (client.stale.contains(slot) && writes.size() < WriteSlots.CAPACITY) {
                writes.add(slot, 0);
                erased.add(slot);
            }
        }
        for (Block block : client.blocks) {
            if (!block.confirmed && !block.pinned && writes.size() < WriteSlots.CAPACITY) {
                block.pinned = true;
                writes.add(block.slot, JournalSlot.owned(block.entry));
                confirmed.add(block);
            }
        }
        if (writes.size() == 0) {
            client.settling = false;
            client.settled = requested;
            return;
        }
        client.freeSlots.removeAll(erased);
        simulation.wire.run(writes, new Settling(client, link, current -> {
            for (Integer slot : erased) {
                client.stale.remove(slot);
                client.giveSlot(slot);
            }
            for (Block block : confirmed) {
                block.confirmed = true;
                block.pinned = false;
            }
            settle(client, requested, current);
        }));
    }

    private final class Settling implements Wire.Running {
        private final Client client;
        private final Consumer<Link> then;
        private Link link;

        private Settling(Client client, Link link, Consumer<Link> then) {
            this.client = client;
            this.link = link;
            this.then = then;
        }

        @Override
        public Actor actor() {
            return new Actor(false, Ledger.NONE, Ledger.NONE, Ledger.NONE);
        }

        @Override
        public Client client() {
            return client;
        }

        @Override
        public Link link() {
            return link;
        }

        @Override
        public void onOwner(Runnable action) {
            ifSame(client, action);
        }

        @Override
        public void finished() {
            then.accept(link);
        }

        @Override
        public void lost() {
            link = client.connect();
        }
    }
}
