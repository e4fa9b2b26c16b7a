package io.finemem.simulation.simulate;

import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.procedure.FreeChunks;
import io.finemem.allocator.procedure.FreeSpans;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.simulation.simulate.Client.Block;
import io.finemem.simulation.simulate.Client.Link;
import io.finemem.simulation.step.Ledger;
import io.finemem.simulation.step.Ledger.Actor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One worker of an owner: a request after the other, each at one memory node. */
final class Worker {
    private static final long THINKING = 1_000;
    private static final long WAITING = 200_000;
    private static final int FEWEST_SLOTS = 2;

    final OwnerProcess owner;
    final Simulation simulation;
    final int number;
    private final Link[] links;
    private final @Nullable Client[] linkedTo;
    private int requests;
    /** The client of the request under way. */
    private @Nullable Client busyAt;

    private int request;

    Worker(OwnerProcess owner, int number) {
        this.owner = owner;
        this.simulation = owner.simulation;
        this.number = number;
        this.links = new Link[owner.clients.length];
        this.linkedTo = new Client[owner.clients.length];
    }

    boolean idle() {
        return busyAt == null;
    }

    /** The client was fenced: the request under way comes to nothing. */
    void clientEnded(Client client) {
        if (busyAt == client) {
            done();
        }
    }

    void done() {
        busyAt = null;
        request++;
        after(simulation.random.nextLong(THINKING));
    }

    /** The request under way is over; the next one waits if nothing was brought about. */
    void pauseUnless(boolean progress) {
        busyAt = null;
        request++;
        after(progress ? simulation.random.nextLong(THINKING) : WAITING);
    }

    private void after(long nanos) {
        int incarnation = owner.incarnation();
        simulation.clock.after(nanos, () -> {
            if (incarnation == owner.incarnation()) {
                owner.onOwner(this::next);
            }
        });
    }

    /** Begins the next request. */
    void next() {
        if (busyAt != null) {
            return;
        }
        boolean calm = simulation.calm();
        if (!calm && requests++ >= simulation.knobs.requests()) {
            after(WAITING * 10);
            return;
        }
        Client client = owner.clients[simulation.random.nextInt(owner.clients.length)];
        if (client == null || client.ended) {
            after(WAITING);
            return;
        }
        boolean full = client.node.strict() && (client.ringIsFull() || client.freeSlots.size() < FEWEST_SLOTS);
        if (!client.waiting.isEmpty() && (full || calm)) {
            begin(client);
            new Revocations(this, client).collect(Ledger.NONE, this::pauseUnless);
            return;
        }
        Block block = freeable(client);
        double wanted = simulation.knobs.fill() * simulation.knobs.slots();
        boolean frees = calm || client.blocks.size() >= wanted || simulation.random.nextBoolean();
        if (frees && block != null) {
            begin(client);
            if (client.node.strict()) {
                new Revocations(this, client).free(block);
            } else {
                free(client, block);
            }
        } else if (!calm && client.freeSlots.size() >= FEWEST_SLOTS) {
            begin(client);
            new Search(this, client).start();
        } else {
            after(WAITING);
        }
    }

    private void begin(Client client) {
        busyAt = client;
    }

    private @Nullable Block freeable(Client client) {
        List<Block> candidates = new ArrayList<>();
        for (Block block : client.blocks) {
            if (!block.pinned) {
                candidates.add(block);
            }
        }
        return candidates.isEmpty() ? null : candidates.get(simulation.random.nextInt(candidates.size()));
    }

    private void free(Client client, Block block) {
        client.blocks.remove(block);
        int unit = JournalSlot.unit(block.entry);
        int mask = JournalSlot.mask(block.entry);
        if (JournalSlot.type(block.entry) == JournalSlot.CHUNKS) {
            FreeChunks free = new FreeChunks(client.node.layout).prepare(unit, mask, block.slot, block.confirmed);
            run(client, free, block.slot, Ledger.NONE, Ledger.NONE, () -> {
                boolean undisturbed = free.header() == SpanDecisions.freed(client.headers[unit], mask);
                client.headers[unit] = free.header();
                client.working(number).changed(unit, undisturbed);
                client.giveSlot(block.slot);
                new Search(this, client).trim(unit);
            });
            return;
        }
        boolean run = JournalSlot.type(block.entry) == JournalSlot.SECTIONS;
        int count = run ? mask : 1;
        FreeSpans free = new FreeSpans(client.node.layout)
                .prepare(unit, count, run ? 0xffff : mask, block.slot, block.confirmed ? block.entry : 0);
        run(client, free, block.slot, Ledger.NONE, Ledger.NONE, () -> {
            for (int i = 0; i < count; i++) {
                client.sectionWords[unit + i] = free.word(i);
            }
            client.giveSlot(block.slot);
            done();
        });
    }

    /** Runs a procedure for the request under way. */
    void run(Client client, Procedure procedure, int slot, int transition, int firstOfRun, Runnable then) {
        Actor actor = new Actor(false, slot, transition, firstOfRun);
        simulation.wire.run(procedure, new Request(client, actor, request, Ledger.NONE, then));
    }

    /** Reads for the request under way; its slot is free again if the connection fails. */
    void read(Client client, Procedure procedure, int slot, Runnable then) {
        Actor actor = new Actor(false, Ledger.NONE, Ledger.NONE, Ledger.NONE);
        simulation.wire.run(procedure, new Request(client, actor, request, slot, then));
    }

    /** The connection to a memory node. */
    Link link(Client client) {
        int node = client.node.number;
        if (linkedTo[node] != client) {
            linkedTo[node] = client;
            links[node] = client.connect();
        }
        return links[node];
    }

    private final class Request implements Wire.Running {
        private final Client client;
        private final Actor actor;
        private final int of;
        private final int spareSlot;
        private final Runnable then;

        private Request(Client client, Actor actor, int of, int spareSlot, Runnable then) {
            this.client = client;
            this.actor = actor;
            this.of = of;
            this.spareSlot = spareSlot;
            this.then = then;
        }

        @Override
        public Actor actor() {
            return actor;
        }

        @Override
        public Client client() {
            return client;
        }

        @Override
        public Link link() {
            return Worker.this.link(client);
        }

        @Override
        public void onOwner(Runnable action) {
            if (!client.ended) {
                owner.onOwner(() -> {
                    if (!client.ended && of == request) {
                        action.run();
                    }
                });
            }
        }

        @Override
        public void finished() {
            then.run();
        }

        /** The slots go to the node to be decided; the worker goes on with a new connection. */
        @Override
        public void lost() {
            if (actor.slot() != Ledger.NONE) {
                client.doubts.add(actor.slot());
            }
            if (actor.transition() != Ledger.NONE) {
                client.doubts.add(actor.transition());
            }
            if (spareSlot != Ledger.NONE) {
                client.giveSlot(spareSlot);
            }
            linkedTo[client.node.number] = null;
            done();
        }
    }

    /** A connection failed: the next chain goes over another one. */
    void forget(Client client, Link link) {
        int node = client.node.number;
        if (linkedTo[node] == client && links[node] == link) {
            linkedTo[node] = null;
        }
    }

    /** Where this worker looks first, different for each. */
    int startSpan(Client client) {
        long position = (client.id * 31L + number) * 0x9e37_79b9L & 0xffff_ffffL;
        return (int) (position % client.node.layout.spans());
    }
}
