package io.finemem.allocator.memorynode;

import io.finemem.allocator.event.RevocationEvent;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.RevokeEntry;
import io.finemem.allocator.recovery.ResolveSlots;
import io.finemem.allocator.recovery.SweepRings;
import io.finemem.spi.transport.MemoryRegion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Revokes freed blocks in strict isolation: runs {@link SweepRings} over all revoke rings, again and again.
 *
 * <p>A batch that failed before its units were cleared is tried again. One that failed while they were is never repeated, because
 * its FETCH_ADDs may have been executed (rule R17): the loop-back connection is fenced and replaced, the slots of the batch
 * are given to the resolver, and the heads of their rings stay where they are until these are decided. Entries behind them are
 * swept meanwhile, because RESOLVE may have to wait for one of these. Failures in a row slow the sweeper down, up to one
 * attempt per second, and are reported until one succeeds.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread. One at a time ends rkeys and clears units: a sweep, or a
 * RESOLVE inside {@link #exclusively}.
 */
final class Sweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
    private static final int NOBODY = 0;
    private static final long MIN_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
    private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long FIRST_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int MAX_RETRY_DOUBLINGS = 10;
    /** From so many failures in a row on it does not look as if the next attempt helped. */
    private static final int FAILING = 5;

    private static final int MAX_REPORTED = 16;

    private final String memoryNode;
    private final MetadataLayout layout;
    private final MemoryRegion metadata;
    private final Journal journal;
    private final BlockWindows windows;
    private final LoopBack loopBack;
    private final SweepRings sweep;
    private final IntConsumer violator;
    private final Runnable doubter;
    private final Thread thread;
    private List<Ring> rings = List.of();
    private final List<Ring> batch = new ArrayList<>();
    private long journalChanges = -1;
    private int firstRing;
    private long sweeps;
    private volatile long revoked;
    /** When the latest sweep began that took in all that had been freed before. */
    private volatile long sweptUpTo = System.nanoTime();

    private volatile int failures;
    private volatile @Nullable String failure;
    private volatile boolean closed;

    /** A revoke ring as far as this thread has come with it. */
    private static final class Ring {
        private final int segment;
        private final int owner;
        private long next;
        /** Slots of entries between the head and {@link #next} that RESOLVE has to decide. */
        private final Set<Integer> doubts = new HashSet<>();

        private Ring(int segment, int owner, long next) {
            this.segment = segment;
            this.owner = owner;
            this.next = next;
        }
    }

    /**
     * A sweeper that is to be {@linkplain #start started}.
     *
     * @param violator told the owner whose ring holds what it must not hold
     * @param doubter told that there are slots in doubt
     */
    Sweeper(
            MemoryNodeOptions options,
            MetadataLayout layout,
            MemoryRegion metadata,
            Journal journal,
            BlockWindows windows,
            IntConsumer violator,
            Runnable doubter) {
        this.memoryNode = options.name();
        this.layout = layout;
        this.metadata = metadata;
        this.journal = journal;
        this.windows = windows;
        this.violator = violator;
        this.doubter = doubter;
        this.loopBack = new LoopBack(metadata, options.fenceTimeout().toNanos());
        this.sweep = new SweepRings(layout, windows);
        this.thread = new Thread(this::run, "finemem-sweeper-" + options.name());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        long pause = MIN_PAUSE_NANOS;
        while (!closed) {
            boolean busy = sweepAll();
            if (failures > 0) {
                pause = FIRST_RETRY_NANOS << Math.min(failures, MAX_RETRY_DOUBLINGS);
            } else {
                pause = busy ? MIN_PAUSE_NANOS : Math.min(2 * pause, MAX_PAUSE_NANOS);
            }
            LockSupport.parkNanos(this, pause);
        }
    }

    private boolean sweepAll() {
        try {
            int done = sweepRings();
            if (failures > 0) {
                LOG.info("memory node {} revokes freed blocks again", memoryNode);
                failures = 0;
                failure = null;
            }
            return done > 0;
        } catch (RuntimeException e) {
            if (!closed) {
                failed(e);
            }
            return false;
        }
    }

    /** Tells owners that wait for room when all is done that was asked for before the sweep. */
    private synchronized int sweepRings() {
        long begun = System.nanoTime();
        RevocationEvent event = new RevocationEvent();
        event.begin();
        int done = sweep(owner -> true);
        event.done(memoryNode, done);
        if (sweep.complete() && rings.stream().allMatch(ring -> ring.doubts.isEmpty())) {
            metadata.putWord(layout.sweeps(), ++sweeps);
            sweptUpTo = begun;
        }
        return done;
    }

    private void failed(RuntimeException cause) {
        int count = failures + 1;
        failure = String.valueOf(cause.getMessage());
        failures = count;
        if (count == 1) {
            LOG.warn("memory node {} could not revoke freed blocks, and tries again: {}", memoryNode, failure);
        } else if (count == FAILING) {
            LOG.error(
                    "memory node {} could not revoke freed blocks {} times in a row: they stay in use until it can",
                    memoryNode,
                    count,
                    cause);
        }
    }

    /** Finishes what fenced owners freed (rule R10), then runs RESOLVE, with no sweep in between. */
    synchronized void exclusively(Set<Integer> fenced, LoopBack resolverLoopBack, ResolveSlots resolve) {
        loopBack.ready(); // rule R9: what it left in doubt may be among the slots to be resolved
        int done = 1;
        while (done > 0) {
            done = sweep(fenced::contains);
        }
        resolverLoopBack.run(resolve);
        for (Ring ring : rings) {
            if (ring.doubts.removeIf(resolve::erased) && ring.doubts.isEmpty()) {
                metadata.putWord(layout.revokeHead(ring.segment), ring.next);
            }
        }
    }

    /** Slots of owners alive whose blocks may or may not be given back: RESOLVE has to decide. */
    synchronized Set<Integer> slotsInDoubt(Set<Integer> fenced) {
        Set<Integer> slots = new HashSet<>();
        for (Ring ring : rings) {
            if (!fenced.contains(ring.owner)) {
                slots.addAll(ring.doubts);
            }
        }
        return slots;
    }

    /** One batch of the entries of these owners; returns how many. */
    private synchronized int sweep(IntPredicate owners) {
        loopBack.ready();
        readDirectory();
        batch.clear();
        sweep.prepare();
        for (int i = 0; i < rings.size(); i++) {
            Ring ring = rings.get((firstRing + i) % rings.size());
            if (owners.test(ring.owner)) {
                batch.add(ring);
                sweep.addRing(ring.segment, ring.next, ring.doubts.isEmpty());
            }
        }
        firstRing++;
        try {
            loopBack.run(sweep);
        } catch (RuntimeException e) {
            if (sweep.inDoubt()) {
                doubt();
            }
            throw e;
        }
        for (int i = 0; i < batch.size(); i++) {
            Ring ring = batch.get(i);
            ring.next = sweep.next(i);
            if (!ring.doubts.isEmpty()) {
                addDoubts(i);
            }
            if (sweep.violated(i)) {
                violator.accept(ring.owner);
            }
        }
        int done = sweep.entries();
        revoked += done;
        return done;
    }

    /** The batch was cut off while its units were cleared. */
    private void doubt() {
        for (int i = 0; i < batch.size(); i++) {
            addDoubts(i);
            batch.get(i).next = sweep.next(i);
        }
        doubter.run();
    }

    /**
     * Also of entries behind those in doubt: their owner cannot settle such slots before the head moves, so that two rings in
     * doubt would wait for each other.
     */
    private void addDoubts(int ring) {
        for (int slot : sweep.slots(ring)) {
            batch.get(ring).doubts.add(slot);
        }
    }

    private void readDirectory() {
        long changes = journal.changes();
        if (changes == journalChanges) {
            return;
        }
        List<Ring> found = new ArrayList<>();
        int known = 0;
        for (int segment = 0; segment < layout.journalSegments(); segment++) {
            int owner = (int) metadata.getWord(layout.segmentOwner(segment));
            while (known < rings.size() && rings.get(known).segment < segment) {
                known++;
            }
            if (owner == NOBODY) {
                continue;
            }
            boolean same =
                    known < rings.size() && rings.get(known).segment == segment && rings.get(known).owner == owner;
            found.add(same ? rings.get(known) : new Ring(segment, owner, metadata.getWord(layout.revokeHead(segment))));
        }
        rings = found;
        journalChanges = changes;
    }

    RevocationReport report() {
        String cause = failures >= FAILING ? failure : null;
        return new RevocationReport(revoked, pending(), exchanged(), failures, cause == null ? "" : cause);
    }

    /** What was freed longer ago is revoked. */
    long lagNanos() {
        return System.nanoTime() - sweptUpTo;
    }

    /** One line per rkey in the table that is not that of its window, and one if freed blocks cannot be revoked. */
    List<String> audit() {
        List<String> violations = new ArrayList<>();
        for (int i = 0; i < windows.count() && violations.size() < MAX_REPORTED; i++) {
            if (!windows.published(i) && !publishedAtRest(i)) {
                violations.add(windows.mismatch(i));
            }
        }
        if (failures >= FAILING) {
            violations.add("freed blocks could not be revoked " + failures + " times in a row: " + failure);
        }
        return violations;
    }

    private synchronized boolean publishedAtRest(int index) {
        return windows.published(index);
    }

    /** Entries that wait. */
    private long pending() {
        long pending = 0;
        for (int segment = 0; segment < layout.journalSegments(); segment++) {
            if (metadata.getWord(layout.segmentOwner(segment)) != NOBODY) {
                pending += pending(segment);
            }
        }
        return pending;
    }

    private long pending(int segment) {
        long head = metadata.getWord(layout.revokeHead(segment));
        long position = head;
        while (position - head < layout.ringEntries()
                && RevokeEntry.lap(metadata.getWord(layout.revokeEntry(segment, position)))
                        == RevokeEntry.lapOf(position, layout.ringEntries())) {
            position++;
        }
        return position - head;
    }

    /** Windows exchanged because their rkeys were used up. */
    private synchronized long exchanged() {
        return windows.exchanged();
    }

    /** Stops the thread and releases the windows. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        loopBack.close();
        windows.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
