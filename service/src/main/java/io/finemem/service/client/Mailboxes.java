package io.finemem.service.client;

import io.finemem.api.FineMemException;
import io.finemem.api.OperationTimeout;
import io.finemem.service.ipc.Futex;
import io.finemem.service.ipc.Mailbox;
import io.finemem.service.ipc.Opcode;
import io.finemem.spi.transport.Connection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mailboxes of a session, lent to one thread at a time. A thread prefers the one that it used before, so that with as many
 * mailboxes as threads each keeps its own.
 *
 * <p>A request that took too long keeps its mailbox: it is lent again once the answer is there, and blocks that came too late are
 * freed first.
 */
final class Mailboxes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Mailboxes.class);

    /** Each flag has a cache line. */
    private static final int STRIDE = 64 / Integer.BYTES;

    private static final int FREE = 0;
    private static final int BUSY = 1;
    private static final int OWED = 2;

    private static final int SPINS_PER_CLOCK = 32;
    private static final int YIELDS = 1024;
    private static final long PARK_NANOS = 50_000;
    /** A sleeping thread looks this often whether the session still lives. */
    private static final int SLICE_NANOS = 50_000_000;

    private final ServiceLink link;
    private final long spinNanos;
    private final long timeoutNanos;
    private final Mailbox[] boxes;
    private final Futex.Limit[] limits;
    private final int[] sequences;
    private final int[] opcodes;
    private final AtomicIntegerArray flags;

    Mailboxes(ServiceLink link, long spinNanos) {
        this.link = link;
        this.spinNanos = spinNanos;
        this.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(2L * link.welcome().timeoutMillis());
        int count = link.segment().mailboxes();
        this.boxes = new Mailbox[count];
        this.limits = new Futex.Limit[count];
        this.sequences = new int[count];
        this.opcodes = new int[count];
        this.flags = new AtomicIntegerArray(count * STRIDE);
        for (int i = 0; i < count; i++) {
            boxes[i] = link.segment().mailbox(i);
            limits[i] = new Futex.Limit();
        }
    }

    Mailbox box(int position) {
        return boxes[position];
    }

    /** Takes a free mailbox; given back by {@link #release}. */
    int acquire() {
        link.requireAlive();
        int preferred = (int) (Thread.currentThread().getId() % boxes.length);
        int position = tryAll(preferred);
        return position >= 0 ? position : await(preferred);
    }

    private int await(int preferred) {
        long deadline = System.nanoTime() + timeoutNanos;
        for (int attempt = 0; ; attempt++) {
            int position = tryAll(preferred);
            if (position >= 0) {
                return position;
            }
            link.requireAlive();
            if (link.detached()) {
                deadline = System.nanoTime() + timeoutNanos;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new OperationTimeout(
                        "all mailboxes stayed busy; nothing was asked for",
                        "mailboxes",
                        boxes.length,
                        "millis",
                        TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
            }
            if (attempt < YIELDS) {
                Thread.yield();
            } else {
                LockSupport.parkNanos(PARK_NANOS);
            }
        }
    }

    private int tryAll(int preferred) {
        for (int i = 0; i < boxes.length; i++) {
            int position = preferred + i < boxes.length ? preferred + i : preferred + i - boxes.length;
            int flag = flags.get(position * STRIDE);
            if (flag == FREE && flags.compareAndSet(position * STRIDE, FREE, BUSY)) {
                return position;
            }
            if (flag == OWED && settled(position)) {
                return position;
            }
        }
        return -1;
    }

    /** Whether a mailbox whose request took too long was answered by now; then it is this thread's. */
    private boolean settled(int position) {
        if (boxes[position].responseSequence() != sequences[position]
                || !flags.compareAndSet(position * STRIDE, OWED, BUSY)) {
            return false;
        }
        Mailbox box = boxes[position];
        if (boxes[position].responseSequence() != sequences[position]) {
            flags.set(position * STRIDE, OWED); // another thread took it and asked something in between
            return false;
        }
        if (allocates(opcodes[position]) && box.code() == 0) {
            giveBack(position);
        }
        if (!answered(position)) {
            release(position);
            return false;
        }
        return true;
    }

    /** Blocks that came too late. What cannot be freed goes with the session: who takes the mailbox next has nothing to do with it. */
    private void giveBack(int position) {
        Mailbox box = boxes[position];
        int count = box.responseCount();
        for (int i = 0; i < count; i++) {
            box.putRequestWord(i, box.record(i).handle());
        }
        try {
            call(position, Opcode.FREE, count, 0);
        } catch (FineMemException e) {
            LOG.debug("{} blocks that came too late were not freed: {}", count, e.getMessage());
        }
    }

    private static boolean allocates(int opcode) {
        return opcode == Opcode.ALLOCATE || opcode == Opcode.ALLOCATE_LABELLED;
    }

    void release(int position) {
        flags.setRelease(position * STRIDE, answered(position) ? FREE : OWED);
    }

    /** Whether the latest request was answered, be it by an error. */
    boolean answered(int position) {
        return boxes[position].responseSequence() == sequences[position];
    }

    /**
     * Sends a request and waits for its answer.
     *
     * @throws OperationTimeout if there is none in time; whether it was executed is unknown
     * @throws FineMemException the error that the service answered, or that of the session's end
     */
    void call(int position, int opcode, int count, long argument) {
        Mailbox box = boxes[position];
        int sequence = ++sequences[position];
        opcodes[position] = opcode;
        box.publish(sequence, opcode, count, argument);
        link.ring();
        if (box.responseSequence() != sequence) {
            await(position, sequence);
        }
        FineMemException failure = failure(box);
        if (failure != null) {
            throw failure;
        }
    }

    private static @Nullable FineMemException failure(Mailbox box) {
        int code = box.code();
        return code == 0 ? null : ServiceFailure.of(code, box.text());
    }

    private void await(int position, int sequence) {
        Mailbox box = boxes[position];
        long begin = System.nanoTime();
        for (int spins = 1; ; spins++) {
            if (box.responseSequence() == sequence) {
                return;
            }
            if (spins % Connection.SPINS_BEFORE_YIELD == 0) {
                Thread.yield(); // who has to answer may be waiting for this very processor
            } else {
                Thread.onSpinWait();
            }
            if (spins % SPINS_PER_CLOCK == 0 && System.nanoTime() - begin > spinNanos) {
                break;
            }
        }
        box.setWaiting(true);
        try {
            sleep(position, sequence, begin);
        } finally {
            box.setWaiting(false);
        }
    }

    private void sleep(int position, int sequence, long begin) {
        Mailbox box = boxes[position];
        long since = begin;
        for (int seen = box.responseSequence(); seen != sequence; seen = box.responseSequence()) {
            link.requireAlive();
            if (link.detached()) {
                since = System.nanoTime(); // bounded by the time to come back
            }
            if (System.nanoTime() - since > timeoutNanos) {
                throw new OperationTimeout(
                        "the allocation service did not answer in time; whether it did what was asked is unknown",
                        "millis",
                        TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
            }
            box.awaitResponse(seen, limits[position], SLICE_NANOS);
        }
    }

    /** Waits for all mailboxes that are lent and takes them, so that none is lent any more; call once, after the link ended. */
    @Override
    public void close() {
        for (int position = 0; position < boxes.length; position++) {
            for (int flag = flags.get(position * STRIDE);
                    flag == BUSY || !flags.compareAndSet(position * STRIDE, flag, BUSY);
                    flag = flags.get(position * STRIDE)) {
                LockSupport.parkNanos(PARK_NANOS);
            }
            limits[position].close();
        }
    }
}
