package io.finemem.allocator.owner;

import io.finemem.allocator.driver.ChainDriver;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.procedure.ReadWords;
import io.finemem.allocator.procedure.RequestRevoke;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.ConnectionLost;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Frees in strict isolation, as one lane posts them: the free asks for a revocation and does not wait for it. What was
 * revoked is learned later, by reading the rings' heads when journal slots or room run short; then the slots are free, and
 * the words of the blocks are read, so that the room is seen.
 *
 * <p><b>Thread-safety.</b> Used by the thread that holds the worker.
 */
final class Revocations {
    /** Share of its entries from which on a ring's head is asked for after a free. */
    private static final long FULL_EIGHTHS = 6;

    /** Sweeps that end until one ends that had not begun yet. */
    private static final long WHOLE_SWEEP = 2;

    private static final long NEVER = -1;
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

    private final LaneContext lane;
    private final SlotPool slots;
    private final long timeoutNanos;
    /** Frees that were posted, each until its chain is known to have been executed. */
    private final RequestRevoke[] requests = new RequestRevoke[ChainDriver.MAX_POSTED + 1];

    private long posted;
    private long executed;
    /** Posted chains of earlier connections. */
    private long postedBefore;

    /** The count of sweeps at which a wait ended in vain: until it moves, nobody waits so long again. */
    private long stalledAt = NEVER;

    private final ReadWords words = new ReadWords();
    private final ReadWords sweeps = new ReadWords();
    private final RevokeRing[] asked = new RevokeRing[ReadWords.CAPACITY];
    private final int[] units = new int[ReadWords.CAPACITY];
    private final RevokeRing.Revoked learning = this::revoked;
    /** What the slots of the blocks say that were learned to be revoked. */
    private long[] revoked = new long[ReadWords.CAPACITY];

    private int revokedCount;

    Revocations(LaneContext lane, long timeoutNanos) {
        this.lane = lane;
        this.slots = lane.node().slots();
        this.timeoutNanos = timeoutNanos;
        for (int i = 0; i < requests.length; i++) {
            requests[i] = new RequestRevoke(lane.layout());
        }
    }

    /**
     * Asks for the revocation of a block: one doorbell, and nothing is waited for. Waits for the memory node only if the ring
     * has no room, and for a completion only if {@link ChainDriver#MAX_POSTED} are outstanding.
     *
     * @return whether it was asked for; if not, the connection failed: once it is replaced and {@link #resume} was called, the
     *     block's revocation is asked for
     * @throws OperationTimeout if the ring had no room in time; nothing was asked, the block is still registered
     * @throws ConnectionLost if the connection failed before anything was asked
     */
    boolean free(OwnedBlock block) {
        long position = position(block);
        takeExecuted();
        slots.setBlock(block.slot(), null);
        long promise = block.confirmed() ? block.pendingEntry() : JournalSlot.EMPTY;
        int mask = JournalSlot.mask(block.pendingEntry());
        RequestRevoke request = request(posted++);
        request.prepare(lane.journalSlot(block.slot()), mask, position, promise);
        try {
            lane.driver().post(request);
            return true;
        } catch (ConnectionLost e) {
            return false;
        }
    }

    private RequestRevoke request(long number) {
        return requests[(int) (number % requests.length)];
    }

    private void takeExecuted() {
        long known = postedBefore + lane.driver().postsCompleted();
        for (; executed < known; executed++) {
            request(executed).executed();
        }
    }

    /**
     * After the connection was replaced: finds out which posted frees were executed, by their places in the rings, and posts
     * the others again.
     *
     * @param completed posted chains of the old connection that were known to have completed
     * @throws ConnectionLost if the new connection failed as well; to be called again with the next one
     */
    void resume(long completed) {
        for (long known = postedBefore + completed; executed < known; executed++) {
            request(executed).executed();
        }
        for (long number = executed; number < posted; number++) {
            request(number).lost();
        }
        postedBefore = executed;
        while (executed < posted) {
            lane.driver().run(request(executed).resume());
            executed++;
            postedBefore = executed;
        }
    }

    /**
     * Finds out what became of frees that were posted, if that is not known: at most a few round trips, no wait.
     *
     * @throws ConnectionLost if the connection failed: once it is replaced, {@link #resume} posts again what was not executed
     */
    void lookAfterPosted() {
        takeExecuted();
        if (executed < posted) {
            collect();
            takeExecuted();
        }
    }

    private long position(OwnedBlock block) {
        RevokeRing ring = slots.ring(block.slot());
        long position = ring.push(block);
        long deadline = System.nanoTime() + timeoutNanos;
        while (position == RevokeRing.FULL) {
            if (System.nanoTime() - deadline > 0) {
                throw new OperationTimeout(
                        "the memory node does not revoke freed blocks; the block is not freed",
                        "memoryNode",
                        lane.node().pool().memoryNode(),
                        "millis",
                        TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
            }
            pauseUnless(collect());
            position = ring.push(block);
        }
        return position;
    }

    /** Blocks whose revocation is not known. */
    long outstanding() {
        long sum = 0;
        for (int i = 0; i < slots.segments(); i++) {
            sum += slots.ringOfSegment(i).outstanding();
        }
        return sum;
    }

    /** Whether a ring is nearly full, so that frees would soon have to wait. */
    boolean many() {
        for (int i = 0; i < slots.segments(); i++) {
            if (slots.ringOfSegment(i).filled(FULL_EIGHTHS)) {
                return true;
            }
        }
        return false;
    }

    /** Learns which blocks were revoked; two round trips and more for many rings, none if nothing is outstanding. */
    boolean collect() {
        revokedCount = 0;
        int count = 0;
        words.prepare();
        for (int i = 0; i < slots.segments(); i++) {
            RevokeRing ring = slots.ringOfSegment(i);
            if (ring.outstanding() > 0) {
                asked[count++] = ring;
                words.add(lane.layout().revokeHead(ring.segment()));
            }
            if (count == asked.length) {
                readHeads(count);
                count = 0;
            }
        }
        readHeads(count);
        refreshWords();
        return revokedCount > 0;
    }

    private void readHeads(int count) {
        lane.driver().run(words);
        for (int i = 0; i < count; i++) {
            asked[i].acknowledge(words.value(i), learning);
        }
        words.prepare();
    }

    private void revoked(int slot, long entry) {
        lane.slots().give(slot);
        if (revokedCount == revoked.length) {
            revoked = Arrays.copyOf(revoked, 2 * revokedCount);
        }
        revoked[revokedCount++] = entry;
    }

    private void refreshWords() {
        refreshHeaders();
        refreshSections();
    }

    private void refreshHeaders() {
        int last = LaneContext.NO_SLOT;
        for (int i = 0; i < revokedCount; i++) {
            long entry = revoked[i];
            if (JournalSlot.type(entry) == JournalSlot.CHUNKS && JournalSlot.unit(entry) != last) {
                last = JournalSlot.unit(entry);
                units[words.size()] = last;
                words.add(lane.layout().spanHeader(last));
            }
            if (words.size() == units.length) {
                readHeaders();
            }
        }
        readHeaders();
    }

    private void readHeaders() {
        lane.driver().run(words);
        for (int i = 0; i < words.size(); i++) {
            lane.cache().setHeader(units[i], words.value(i));
            lane.working().add(units[i]);
        }
        words.prepare();
    }

    private void refreshSections() {
        for (int at = 0; at < revokedCount; at++) {
            int first = JournalSlot.unit(revoked[at]);
            int sections = OwnedBlock.sections(revoked[at]);
            for (int i = 0; i < sections; i++) {
                units[words.size()] = first + i;
                words.add(lane.layout().sectionWord(first + i));
                if (words.size() == units.length) {
                    readSections();
                }
            }
        }
        readSections();
    }

    private void readSections() {
        lane.driver().run(words);
        for (int i = 0; i < words.size(); i++) {
            lane.cache().setSectionWord(units[i], words.value(i));
        }
        words.prepare();
    }

    /**
     * Waits until some of the outstanding blocks are revoked; false if there were none, the time is over, or the memory node
     * has ended no sweep since a wait was in vain.
     */
    boolean awaitAny() {
        long deadline = System.nanoTime() + timeoutNanos;
        boolean waited = false;
        while (outstanding() > 0 && System.nanoTime() - deadline < 0) {
            waited = true;
            if (collect()) {
                return true;
            }
            if (stalled()) {
                return false;
            }
            pauseUnless(false);
        }
        if (outstanding() > 0) {
            stalledAt = sweeps();
        }
        return waited && outstanding() == 0;
    }

    /**
     * Waits until everything is revoked that any owner asked for before, or the time is over: the memory node has to begin and
     * to end a sweep over all rings after that. Does not wait if it has ended no sweep since a wait was in vain.
     *
     * @return whether it is
     */
    boolean awaitOfAllOwners() {
        long deadline = System.nanoTime() + timeoutNanos;
        if (stalled()) {
            return false;
        }
        long begun = sweeps();
        long ended = begun;
        do {
            ended = sweeps();
            if (ended - begun >= WHOLE_SWEEP) {
                collect();
                return true;
            }
            pauseUnless(false);
        } while (System.nanoTime() - deadline < 0);
        stalledAt = ended;
        return false;
    }

    /** Costs a round trip only after a wait in vain. */
    private boolean stalled() {
        if (stalledAt != NEVER && sweeps() != stalledAt) {
            stalledAt = NEVER;
        }
        return stalledAt != NEVER;
    }

    private long sweeps() {
        sweeps.prepare().add(lane.layout().sweeps());
        lane.driver().run(sweeps);
        return sweeps.value(0);
    }

    /** Waits until all outstanding blocks are revoked, or the time is over. */
    void awaitAll(long nanos) {
        long deadline = System.nanoTime() + nanos;
        while (outstanding() > 0 && System.nanoTime() - deadline < 0) {
            pauseUnless(collect());
        }
    }

    private void pauseUnless(boolean progress) {
        if (!progress) {
            LockSupport.parkNanos(this, PAUSE_NANOS);
        }
    }
}
