package io.finemem.runtime.trace;

import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * Replays traces against remote memory. Every block is filled with words that are found nowhere else, and read back and
 * compared byte by byte before it is freed: what anybody else wrote into it meanwhile is found.
 *
 * <p>A failed allocation for want of memory is counted and the replay goes on; after any other failed call it stops,
 * the tally says so, and blocks that are still held are left to {@link RemoteMemory#close()}.
 *
 * <p><b>Thread-safety.</b> None.
 */
public final class TraceReplay {
    private static final int PIECE_BYTES = 64 * 1024;

    private final RemoteMemory memory;
    private final ReplayOptions options;
    private final ReplayTally tally = new ReplayTally();
    private final LongConsumer progress;
    private final Map<Integer, Deque<Held>> blocksByObject = new HashMap<>();
    private final ByteBuffer written = ByteBuffer.allocateDirect(PIECE_BYTES);
    private final ByteBuffer found = ByteBuffer.allocateDirect(PIECE_BYTES);
    private int blocks;
    private boolean stopped;

    private record Held(RemoteBlock block, int number) {}

    /**
     * A replay without anything done yet.
     *
     * @param progress told the number of allocations and frees done, after each event
     */
    public TraceReplay(RemoteMemory memory, ReplayOptions options, LongConsumer progress) {
        this.memory = memory;
        this.options = options;
        this.progress = progress;
    }

    /** What was done and found so far. */
    public ReplayTally tally() {
        return tally;
    }

    /** Latencies are taken from now on: what was before has warmed up the virtual machine. All else goes on to be counted. */
    public void forgetLatencies() {
        tally.forgetLatencies();
    }

    /** Bytes in the blocks that are held now. */
    public long heldBytes() {
        return blocksByObject.values().stream()
                .flatMap(Deque::stream)
                .mapToLong(held -> held.block().length())
                .sum();
    }

    /** Replays a part of a trace; what is live at its end is held until {@link #freeAll()} or the next replay. */
    public void replay(ReplayPlan plan) {
        if (!blocksByObject.isEmpty()) {
            freeAll();
        }
        long started = System.nanoTime();
        int replayed = 0;
        while (replayed < plan.events() && !stopped) {
            TraceEvent event = plan.trace().events().get(replayed);
            awaitTurn(started, event.micros());
            replay(event, plan.bounds().blockBytes());
            replayed++;
            progress.accept(tally.operations());
        }
        tally.replayed(replayed, plan.recordedEvents());
    }

    /** Checks and frees all that is held. */
    public void freeAll() {
        blocksByObject.values().forEach(this::freeAll);
        blocksByObject.clear();
        progress.accept(tally.operations());
    }

    private void awaitTurn(long started, long micros) {
        if (options.speed() == 0) {
            return;
        }
        long due = (long) (TimeUnit.MICROSECONDS.toNanos(micros) / options.speed());
        for (long left = due; left > 0; left = due - (System.nanoTime() - started)) {
            LockSupport.parkNanos(left);
        }
    }

    private void replay(TraceEvent event, int blockBytes) {
        if (event.kind() == TraceEvent.Kind.ALLOCATE) {
            Deque<Held> held = new ArrayDeque<>();
            blocksByObject.put(event.object(), held);
            for (long left = event.bytes(); left > 0 && !stopped; left -= blockBytes) {
                allocate(Math.min(left, blockBytes), held);
            }
        } else {
            freeAll(blocksByObject.remove(event.object()));
        }
    }

    private void allocate(long bytes, Deque<Held> held) {
        int number = blocks++ & BlockPattern.MAX_BLOCK;
        try {
            long begun = System.nanoTime();
            RemoteBlock block = memory.allocate(bytes);
            tally.allocated(System.nanoTime() - begun);
            held.add(new Held(block, number));
            fill(block, number);
        } catch (FineMemException e) {
            failed("allocation or first write of block " + number + " of " + bytes + " bytes", e);
        }
    }

    private void fill(RemoteBlock block, int number) {
        for (long offset = 0; offset < block.length(); offset += PIECE_BYTES) {
            expect(block, number, offset);
            block.write(offset, written);
        }
    }

    /** Puts what a block has at an offset into {@code written}. */
    private void expect(RemoteBlock block, int number, long offset) {
        written.clear().limit((int) Math.min(PIECE_BYTES, block.length() - offset));
        BlockPattern.fill(written, options.owner(), number, offset / Long.BYTES);
    }

    private void freeAll(Deque<Held> held) {
        for (Held block : held) {
            if (!stopped) {
                check(block);
            }
            if (!stopped) {
                free(block);
            }
        }
    }

    private void check(Held held) {
        try {
            long offset = 0;
            while (offset < held.block().length() && sameAt(held, offset)) {
                offset += PIECE_BYTES;
            }
        } catch (FineMemException e) {
            failed("read of block " + held.number(), e);
        }
    }

    /** Reads a piece back and compares it. */
    private boolean sameAt(Held held, long offset) {
        expect(held.block(), held.number(), offset);
        found.clear().limit(written.limit());
        held.block().read(offset, found);
        found.flip();
        int different = written.mismatch(found);
        if (different < 0) {
            tally.checked(found.limit());
            return true;
        }
        long word = found.order(written.order()).getLong(different / Long.BYTES * Long.BYTES);
        tally.failed("block " + held.number() + " of owner " + options.owner() + ", "
                + held.block().handle() + ", was overwritten: at offset " + (offset + different) + " there is "
                + BlockPattern.describe(word));
        return false;
    }

    private void free(Held held) {
        try {
            long begun = System.nanoTime();
            memory.free(held.block());
            tally.freed(System.nanoTime() - begun);
        } catch (FineMemException e) {
            failed("free of block " + held.number(), e);
        }
    }

    private void failed(String what, FineMemException e) {
        tally.failed(what + " failed: " + e.getMessage());
        stopped |= e.code().category() != ErrorCode.Category.RESOURCES;
    }
}
