package io.finemem.simulation.simulate;

import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.recovery.ResolveSlots;
import io.finemem.allocator.recovery.Revoker;
import io.finemem.allocator.recovery.SweepRings;
import io.finemem.api.ProtocolViolation;
import io.finemem.simulation.step.Ledger.Actor;
import io.finemem.simulation.step.PostedChain;
import io.finemem.simulation.step.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A memory node's resolver: leases, fences, settle requests, and the resolution that ships, an operation per event. */
final class ResolverThread {
    private static final long OPERATION = 200;
    private static final int TICKS_PER_LEASE = 8;

    private final Node node;
    private final Clock clock;
    private final Wire wire;
    private final Knobs knobs;
    /** By client, the settle request that is waited for. */
    private final Map<Integer, Long> asked = new TreeMap<>();

    /** A resolution or a sweep, one at a time. */
    private @Nullable Procedure running;

    private boolean due;
    private List<Client> fenced = List.of();
    private Set<Integer> inDoubt = Set.of();
    private long recovered;
    private long restarts;
    private long sweeps;

    ResolverThread(Node node, Clock clock, Wire wire, Knobs knobs) {
        this.node = node;
        this.clock = clock;
        this.wire = wire;
        this.knobs = knobs;
    }

    long recovered() {
        return recovered;
    }

    long restarts() {
        return restarts;
    }

    long sweeps() {
        return sweeps;
    }

    boolean idle() {
        return running == null
                && node.rings.idle()
                && asked.isEmpty()
                && node.clients().stream().allMatch(client -> client.state == Client.State.LIVE)
                && !node.doubts.containsValue(false);
    }

    /** Begins to work. */
    void start() {
        tick();
        if (knobs.strict()) {
            sweepAgain();
        }
    }

    private void sweepAgain() {
        work();
        clock.after(1 + wire.upTo(2 * knobs.lag()), this::sweepAgain);
    }

    private void work() {
        if (running == null && due) {
            due = false;
            begin();
        }
        if (running == null && knobs.strict()) {
            sweep();
        }
    }

    private void sweep() {
        SweepRings sweep = new SweepRings(node.layout, node.windows).prepare();
        List<Integer> segments = new ArrayList<>();
        for (int segment = 0; segment < node.segments.length; segment++) {
            if (node.rings.toSweep(segment)) {
                sweep.addRing(segment, node.rings.next(segment), node.rings.sure(segment));
                segments.add(segment);
            }
        }
        if (segments.isEmpty()) {
            return;
        }
        running = sweep;
        chain(sweep, () -> swept(sweep, segments), cleared -> failed(sweep, segments, cleared));
    }

    private void swept(SweepRings sweep, List<Integer> segments) {
        sweeps++;
        for (int ring = 0; ring < segments.size(); ring++) {
            if (sweep.violated(ring)) {
                throw new Violation("the sweeper takes an owner for dead that did nothing wrong");
            }
            node.rings.taken(segments.get(ring), sweep.next(ring));
        }
    }

    /** A batch whose units may have been cleared is in doubt; any other is swept again. */
    private void failed(SweepRings sweep, List<Integer> segments, boolean cleared) {
        for (int ring = 0; ring < segments.size() && cleared && sweep.inDoubt(); ring++) {
            node.rings.taken(segments.get(ring), sweep.next(ring));
            node.rings.doubt(segments.get(ring));
        }
    }

    /** Looks at everything, and again after a while. */
    private void tick() {
        for (Client client : node.clients()) {
            boolean expired = clock.now() - client.lastHeartbeat > knobs.lease();
            if (client.state == Client.State.LIVE && expired) {
                client.state = Client.State.FENCING;
                clock.after(wire.delay(), client::fenceAll);
            }
        }
        due = true;
        work();
        clock.after(knobs.lease() / TICKS_PER_LEASE, this::tick);
    }

    private void begin() {
        asked.entrySet().removeIf(entry -> answered(entry.getKey(), entry.getValue()));
        fenced = node.clients().stream()
                .filter(client -> client.state == Client.State.FENCED)
                .toList();
        for (Client client : fenced) {
            node.doubts.keySet().removeIf(slot -> node.segments[slot / knobs.slots()] == client);
        }
        inDoubt = new TreeSet<>();
        node.doubts.forEach((slot, decided) -> {
            if (!decided) {
                inDoubt.add(slot);
            }
        });
        Set<Integer> suspected = new TreeSet<>(inDoubt);
        if (knobs.strict()) {
            node.rings.addDoubts(suspected);
        }
        if (!asked.isEmpty() || fenced.isEmpty() && suspected.isEmpty() || toDrain()) {
            return;
        }
        Set<Integer> ids = new TreeSet<>();
        fenced.forEach(client -> ids.add(client.id));
        Revoker revoker = knobs.strict() ? node.windows : Revoker.NONE;
        ResolveSlots resolve = new ResolveSlots(node.layout, revoker, () -> 0).prepare(ids, suspected);
        running = resolve;
        chain(resolve, () -> finished(resolve), cleared -> {});
    }

    /** The rings of fenced owners are swept before their slots are resolved. */
    private boolean toDrain() {
        return fenced.stream().anyMatch(client -> node.rings.toSweep(node.layout.segmentOf(client.firstSlot)));
    }

    private boolean answered(int id, long request) {
        for (Client client : node.clients()) {
            if (client.id == id && client.state == Client.State.LIVE) {
                return client.settled >= request;
            }
        }
        return true;
    }

    private void chain(Procedure procedure, Runnable finished, Consumer<Boolean> failed) {
        PostedChain chain = PostedChain.post(procedure);
        if (chain == null) {
            running = null;
            finished.run();
            return;
        }
        node.windows.putBefore(chain);
        wire.posting(procedure, chain);
        element(procedure, chain, chain.newResults(), 0, finished, failed);
    }

    private void element(
            Procedure procedure,
            PostedChain chain,
            long[] results,
            int element,
            Runnable finished,
            Consumer<Boolean> failed) {
        clock.after(OPERATION, () -> {
            if (wire.happens(knobs.restart())) {
                restarts++;
                running = null; // begins again later
                node.rings.agentRestarted();
                return;
            }
            boolean bind = chain.kind(element) == PostedChain.BIND;
            if ((bind || procedure instanceof SweepRings) && wire.happens(knobs.bindFailure())) {
                running = null;
                failed.accept(chain.kind(element) < PostedChain.BIND);
                return;
            }
            results[chain.result(element)] = node.execute(Actor.RESOLVER, chain, element);
            if (element + 1 < chain.size()) {
                element(procedure, chain, results, element + 1, finished, failed);
                return;
            }
            try {
                procedure.completed(position -> results[position]);
            } catch (ProtocolViolation e) {
                throw new Violation("the resolver finds: " + e.getMessage());
            }
            chain(procedure, finished, failed);
        });
    }

    /** Entries in doubt whose slots are all decided are done with. */
    private void acknowledge(ResolveSlots resolve) {
        for (int segment = 0; segment < node.segments.length && knobs.strict(); segment++) {
            Client client = node.segments[segment];
            boolean alive = client != null && client.state == Client.State.LIVE;
            if (alive && node.rings.decided(segment, resolve::erased)) {
                long head = node.rings.next(segment);
                node.setWord(node.layout.revokeHead(segment), head);
                node.rings.written(node.layout.revokeHead(segment));
            }
        }
    }

    private void finished(ResolveSlots resolve) {
        for (int slot : inDoubt) {
            if (resolve.erased(slot) && node.doubts.containsKey(slot)) {
                node.requireEmpty(slot);
                node.doubts.put(slot, true);
            }
        }
        for (int id : resolve.waitingFor()) {
            for (Client client : node.clients()) {
                if (client.id == id && client.state == Client.State.LIVE) {
                    client.settleRequested += client.settled == client.settleRequested ? 1 : 0;
                    asked.put(id, client.settleRequested);
                }
            }
        }
        acknowledge(resolve);
        if (resolve.resolved()) {
            for (Client client : new ArrayList<>(fenced)) {
                node.release(client);
                recovered++;
            }
        }
    }
}
