package io.finemem.allocator.memorynode;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.event.RecoveryEvent;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.recovery.ResolveSlots;
import io.finemem.allocator.recovery.Revoker;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OwnerFenced;
import io.finemem.spi.transport.MemoryRegion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory node's one resolver (rule R18): watches leases, fences owners that are dead, reclaims what they held, and
 * decides chains that a broken connection cut off. A thread of its own; nothing of it is on the way of an allocation.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread, and but for {@link #declareGone} none waits: a fence
 * that takes long delays nobody's heartbeat.
 */
final class Resolver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Resolver.class);
    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** Told of no death. */
    static final Consumer<String> NOBODY = name -> {};

    private final MemoryNodeOptions options;
    private final Journal journal;
    private final LoopBack loopBack;
    private final ResolveSlots resolve;
    private final @Nullable Sweeper sweeper;
    private final Map<Integer, OwnerRecord> owners = new ConcurrentHashMap<>();
    /** Slots in doubt: true once they are decided and until their owner has been told. */
    private final Map<Integer, Boolean> doubts = new ConcurrentHashMap<>();

    private final Map<Integer, SettleRequest> settling = new HashMap<>();
    private final RecoveryCounters counters = new RecoveryCounters();
    private final Fences fences;
    private final Thread thread;
    private volatile boolean closed;

    private volatile Consumer<String> deaths = NOBODY;

    private record SettleRequest(long number, long deadline) {}

    /**
     * Starts resolving, and sweeping in strict isolation.
     *
     * @param windows what guards the blocks in strict isolation; closed with the resolver
     */
    Resolver(
            MemoryNodeOptions options,
            MetadataLayout layout,
            MemoryRegion metadata,
            Journal journal,
            @Nullable BlockWindows windows) {
        this.options = options;
        this.journal = journal;
        this.loopBack = new LoopBack(metadata, options.fenceTimeout().toNanos());
        this.resolve = new ResolveSlots(layout, windows == null ? Revoker.NONE : windows, System::nanoTime);
        this.sweeper = windows == null
                ? null
                : new Sweeper(options, layout, metadata, journal, windows, this::declareViolator, this::wake);
        this.fences = new Fences(options, counters, this::wake);
        this.thread = new Thread(this::run, "finemem-resolver-" + options.name());
        thread.setDaemon(true);
        thread.start();
        if (sweeper != null) {
            sweeper.start();
        }
    }

    private void wake() {
        LockSupport.unpark(thread);
    }

    private void declareViolator(int id) {
        OwnerRecord owner = owners.get(id);
        if (owner != null) {
            declareDead(owner, "it asked to revoke what its journal does not name");
        }
    }

    /** What became of blocks freed in strict isolation. */
    RevocationReport revocations() {
        return sweeper == null ? RevocationReport.NONE : sweeper.report();
    }

    /** Upper bound of the time that a freed block has waited for its revocation; 0 in direct isolation. */
    long revocationLagNanos() {
        return sweeper == null ? 0 : sweeper.lagNanos();
    }

    /** What became of owners that died or left. */
    RecoveryReport recoveries() {
        return counters.report();
    }

    /** What is wrong with the rkeys of blocks, a line each. */
    List<String> auditKeys() {
        return sweeper == null ? List.of() : sweeper.audit();
    }

    void admit(OwnerRecord owner) {
        owners.put(owner.id(), owner);
    }

    Collection<OwnerRecord> owners() {
        return owners.values();
    }

    /** The owner holds nothing, its connections are fenced and its journal is free. */
    void gone(OwnerRecord owner) {
        owner.setState(OwnerState.GONE);
        owners.remove(owner.id());
    }

    /**
     * An owner that is known.
     *
     * @throws OwnerFenced if it left, or was declared dead and recovered
     */
    OwnerRecord owner(int id) {
        OwnerRecord owner = owners.get(id);
        if (owner == null) {
            throw new OwnerFenced("the memory node has no such owner any more: rejoin under a new id", "owner", id);
        }
        return owner;
    }

    /** A session of an owner ended without leaving. */
    void sessionEnded(OwnerRecord owner, int incarnation) {
        switch (owner.endSession(incarnation)) {
            case DEAD -> declareDead(owner, "its session ended without leaving");
            case AWAITED -> {
                LOG.warn("{} lost its session, and may resume within its lease of {}", owner, options.lease());
                fences.fenceMetadata(owner);
            }
            case NONE -> LOG.debug("{} has another session, or is dead", owner);
        }
    }

    /**
     * Forgets slots that were decided for an earlier session of an owner, which are empty; gives those that are not decided yet.
     *
     * @throws OperationTimeout if these are too many for one {@link MemoryNodeControl#resolve}
     */
    List<Integer> takeDoubts(List<Integer> segments) {
        doubts.entrySet().removeIf(doubt -> doubt.getValue() && segments.contains(journal.segmentOf(doubt.getKey())));
        List<Integer> undecided = doubts.keySet().stream()
                .filter(slot -> segments.contains(journal.segmentOf(slot)))
                .toList();
        if (undecided.size() > MemoryNodeControl.MAX_RESOLVED_SLOTS) {
            throw new OperationTimeout(
                    "the memory node still decides slots of an earlier session: try again", "slots", undecided.size());
        }
        return undecided;
    }

    /** Declares an owner dead; its memory is reclaimed in the background. */
    void declareDead(OwnerRecord owner, String reason) {
        if (owner.die()) {
            LOG.warn("{} is taken for dead: {}", owner, reason);
            LockSupport.unpark(thread);
            deaths.accept(owner.peerName());
        }
    }

    void onDeath(Consumer<String> listener) {
        deaths = listener;
    }

    void askForLife(String peerName) {
        for (OwnerRecord owner : owners.values()) {
            if (owner.peerName().equals(peerName)) {
                LOG.info("{} is said to be dead elsewhere, and is asked for a sign of life", owner);
                owner.askForLife(System.nanoTime());
            }
        }
    }

    /** An owner leaves in order: it is fenced, and whatever it still holds is reclaimed; waits until that is done. */
    void declareGone(OwnerRecord owner, long timeoutNanos) {
        if (owner.die()) {
            LOG.info("{} leaves", owner);
        }
        LockSupport.unpark(thread);
        long deadline = System.nanoTime() + timeoutNanos;
        while (owner.state() != OwnerState.GONE && !closed && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Takes slots in doubt to be decided; gives those that are decided by now, each once. */
    List<Integer> resolve(List<Integer> slots) {
        List<Integer> decided = new ArrayList<>();
        for (int slot : slots) {
            if (doubts.putIfAbsent(slot, false) == Boolean.TRUE) {
                doubts.remove(slot);
                decided.add(slot);
            }
        }
        LockSupport.unpark(thread);
        return decided;
    }

    private void run() {
        long tick = Math.max(options.lease().toNanos() / 8, TimeUnit.MILLISECONDS.toNanos(1));
        while (!closed) {
            long wait = step() ? RETRY_NANOS : tick;
            long begun = System.nanoTime();
            LockSupport.parkNanos(this, wait);
            excuseSilence(System.nanoTime() - begun - wait, tick);
        }
    }

    /** While this process does not run nobody is heard: a stopped machine takes no owner for dead when it goes on. */
    private void excuseSilence(long late, long tolerance) {
        if (late > tolerance) {
            LOG.warn(
                    "this memory node did not run for {} ms, which count for no lease",
                    TimeUnit.NANOSECONDS.toMillis(late));
            long now = System.nanoTime();
            owners.values().forEach(owner -> owner.excuseSilence(late, now));
            settling.replaceAll((owner, asked) -> new SettleRequest(asked.number(), asked.deadline() + late));
        }
    }

    /** One look at everything; true if something is left to do soon. */
    private boolean step() {
        try {
            expireLeases();
            fences.fenceTheDead(owners.values());
            return reclaim();
        } catch (RuntimeException e) {
            LOG.error("the resolver could not go on, and tries again at its next tick", e);
            return false;
        }
    }

    private void expireLeases() {
        long now = System.nanoTime();
        for (OwnerRecord owner : owners.values()) {
            if (owner.leaseExpired(now)) {
                counters.leaseExpired();
                declareDead(
                        owner,
                        owner.asked()
                                ? "dead elsewhere, and no heartbeat here within half its lease of " + options.lease()
                                : "no heartbeat within its lease of " + options.lease());
            }
        }
    }

    private boolean reclaim() {
        Set<Integer> fenced = owners.values().stream()
                .filter(owner -> owner.state() == OwnerState.FENCED)
                .map(OwnerRecord::id)
                .collect(Collectors.toSet());
        Set<Integer> slots = slotsInDoubt(fenced);
        if (sweeper != null) {
            slots.addAll(sweeper.slotsInDoubt(fenced));
        }
        if (fenced.isEmpty() && slots.isEmpty() || !settledByAllAsked()) {
            return !settling.isEmpty();
        }
        RecoveryEvent event = new RecoveryEvent();
        event.begin();
        long start = System.nanoTime();
        resolve.prepare(fenced, slots);
        if (sweeper == null) {
            loopBack.run(resolve);
        } else {
            sweeper.exclusively(fenced, loopBack, resolve);
        }
        long nanos = System.nanoTime() - start;
        slots.stream().filter(resolve::erased).forEach(slot -> doubts.replace(slot, true));
        askToSettle();
        if (!resolve.resolved()) {
            return true;
        }
        if (!fenced.isEmpty()) {
            counters.recovered(fenced.size(), resolve.reclaimedUnits(), nanos);
            event.done(options.name(), fenced.size(), resolve.reclaimedUnits(), resolve.erasedSlots());
        }
        for (int owner : fenced) {
            journal.release(owner);
            gone(owners.get(owner));
            LOG.info(
                    "owner {} is recovered: {} units and {} slots in {} us",
                    owner,
                    resolve.reclaimedUnits(),
                    resolve.erasedSlots(),
                    TimeUnit.NANOSECONDS.toMicros(nanos));
        }
        return false;
    }

    /** What an owner that is fenced by now had in doubt is decided by its recovery. */
    private Set<Integer> slotsInDoubt(Set<Integer> fenced) {
        Set<Integer> segments = new HashSet<>();
        fenced.forEach(owner -> segments.addAll(journal.segmentsOf(owner)));
        doubts.keySet().removeIf(slot -> segments.contains(journal.segmentOf(slot)));
        Set<Integer> undecided = new HashSet<>();
        doubts.forEach((slot, decided) -> {
            if (!decided) {
                undecided.add(slot);
            }
        });
        return undecided;
    }

    private void askToSettle() {
        for (int owner : resolve.waitingFor()) {
            OwnerRecord record = owners.get(owner);
            if (record != null && record.state() == OwnerState.LIVE) {
                long deadline = System.nanoTime() + options.lease().toNanos();
                settling.putIfAbsent(owner, new SettleRequest(record.requestSettle(), deadline));
            }
        }
    }

    private boolean settledByAllAsked() {
        settling.entrySet().removeIf(asked -> answered(asked.getKey(), asked.getValue()));
        return settling.isEmpty();
    }

    /** An owner that does not settle in time keeps others from being recovered: it is taken for dead. */
    private boolean answered(int id, SettleRequest request) {
        OwnerRecord owner = owners.get(id);
        if (owner == null || owner.state() != OwnerState.LIVE || owner.hasSettled(request.number())) {
            return true;
        }
        if (System.nanoTime() - request.deadline() > 0) {
            declareDead(owner, "it did not settle its journal within " + options.lease());
            return true;
        }
        return false;
    }

    /** Stops the threads. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = awaitEnd();
        fences.close();
        loopBack.close();
        if (sweeper != null) {
            sweeper.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether this thread was interrupted meanwhile. */
    private boolean awaitEnd() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return interrupted;
    }
}
