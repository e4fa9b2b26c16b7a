package io.finemem.simulation.simulate;

import io.finemem.allocator.recovery.ResolveSlots;
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

    private @Nullable ResolveSlots resolving;
    private List<Client> fenced = List.of();
    private Set<Integer> inDoubt = Set.of();
    private long recovered;
    private long restarts;

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

    boolean idle() {
        return resolving == null
                && asked.isEmpty()
                && node.clients().stream().allMatch(client -> client.state == Client.State.LIVE)
                && !node.doubts.containsValue(false);
    }

    /** Looks at everything, and again after a while. */
    void tick() {
        for (Client client : node.clients()) {
            boolean expired = clock.now() - client.lastHeartbeat > knobs.lease();
            if (client.state == Client.State.LIVE && expired) {
                client.state = Client.State.FENCING;
                clock.after(wire.delay(), client::fenceAll);
            }
        }
        if (resolving == null) {
            begin();
        }
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
        if (!asked.isEmpty() || fenced.isEmpty() && inDoubt.isEmpty()) {
            return;
        }
        Set<Integer> ids = new TreeSet<>();
        fenced.forEach(client -> ids.add(client.id));
        ResolveSlots resolve = new ResolveSlots(node.layout).prepare(ids, inDoubt);
        resolving = resolve;
        chain(resolve);
    }

    private boolean answered(int id, long request) {
        for (Client client : node.clients()) {
            if (client.id == id && client.state == Client.State.LIVE) {
                return client.settled >= request;
            }
        }
        return true;
    }

    private void chain(ResolveSlots resolve) {
        PostedChain chain = PostedChain.post(resolve);
        if (chain == null) {
            resolving = null;
            finished(resolve);
            return;
        }
        element(resolve, chain, chain.newResults(), 0);
    }

    private void element(ResolveSlots resolve, PostedChain chain, long[] results, int element) {
        clock.after(OPERATION, () -> {
            if (wire.happens(knobs.restart())) {
                restarts++;
                resolving = null; // the next tick begins again
                return;
            }
            results[chain.result(element)] = node.execute(Actor.RESOLVER, chain, element);
            if (element + 1 < chain.size()) {
                element(resolve, chain, results, element + 1);
                return;
            }
            try {
                resolve.completed(position -> results[position]);
            } catch (ProtocolViolation e) {
                throw new Violation("the resolver finds: " + e.getMessage());
            }
            chain(resolve);
        });
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
        if (resolve.resolved()) {
            for (Client client : new ArrayList<>(fenced)) {
                node.release(client);
                recovered++;
            }
        }
    }
}
