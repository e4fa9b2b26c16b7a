package io.finemem.runtime.soak;

import io.finemem.api.CapabilityRevoked;
import io.finemem.api.FineMemException;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.OwnerFenced;
import io.finemem.api.ProtocolViolation;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.runtime.trace.BlockPattern;
import io.finemem.spi.transport.ConnectionLost;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One owner at work: allocates, writes a pattern of its own, reads and checks it, frees. Between two steps it looks for
 * orders. If it was taken for dead it must be told so, and joins again.
 */
final class OwnerLoad {
    static final String PAUSE = "pause";
    static final String RESUME = "resume";
    static final String FREE = "free";
    static final String FILL = "fill";
    static final String END = "end";

    private static final int FEWEST = 10;
    private static final int MOST = 60;
    private static final int ORDERS_OF_SMALL = 5;
    private static final int LARGE_ONE_IN = 20;
    private static final int PIECE_BYTES = 64 * 1024;
    private static final int REPORT_EVERY = 16;

    private final int number;
    private final long maxBlockBytes;
    private final long paceNanos;
    private final Random random;
    private final Supplier<RemoteMemory> join;
    private final Consumer<String> says;
    private final BlockingQueue<String> orders = new LinkedBlockingQueue<>();
    private final List<Held> held = new ArrayList<>();
    private final ByteBuffer written = ByteBuffer.allocateDirect(PIECE_BYTES);
    private final ByteBuffer found = ByteBuffer.allocateDirect(PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private RemoteMemory memory;
    private int blocks;
    private long operations;

    private record Held(RemoteBlock block, int number) {}

    /**
     * Joins.
     *
     * @param number of the owner, in no other owner's pattern
     * @param paceMicros pause after each step
     * @param join opens an owner
     * @param says told what the parent shall know
     */
    OwnerLoad(
            int number,
            long maxBlockBytes,
            long seed,
            int paceMicros,
            Supplier<RemoteMemory> join,
            Consumer<String> says) {
        this.number = number;
        this.maxBlockBytes = maxBlockBytes;
        this.paceNanos = TimeUnit.MICROSECONDS.toNanos(paceMicros);
        this.random = new Random(seed + number);
        this.join = join;
        this.says = says;
        this.memory = join.get();
    }

    void order(String order) {
        orders.add(order);
    }

    /** Works until it is told to end. */
    void run() throws InterruptedException {
        says.accept("joined " + number);
        String order = "";
        while (!order.equals(END)) {
            order = orders.poll();
            if (order == null) {
                order = "";
                work();
            } else if (order.equals(PAUSE)) {
                order = pause();
            }
        }
        memory.close();
    }

    private void work() {
        orFenced(this::step);
        operations++;
        LockSupport.parkNanos(paceNanos);
        if (operations % REPORT_EVERY == 0) {
            says.accept("did " + number + " " + operations);
        }
    }

    private void orFenced(Runnable action) {
        try {
            action.run();
        } catch (OwnerFenced e) {
            joinAgain();
        } catch (ConnectionLost | CapabilityRevoked e) {
            requireFenced(e);
            joinAgain();
        }
    }

    /** A broken connection is the work of a fence, and then the next allocation says so. */
    private void requireFenced(FineMemException cause) {
        try {
            RemoteBlock block = memory.allocate(1);
            throw new ProtocolViolation(
                    cause, "a connection broke although this owner is not fenced", "next", block.handle());
        } catch (OwnerFenced e) {
            e.addSuppressed(cause);
        }
    }

    private void joinAgain() {
        held.clear();
        memory.close();
        memory = join.get();
        says.accept("fenced " + number);
    }

    private void step() {
        if (held.size() < FEWEST || random.nextBoolean() && held.size() < MOST) {
            allocate();
        } else {
            Held oldest = held.get(random.nextInt(held.size()));
            check(oldest);
            held.remove(oldest);
            oldest.block().close();
        }
    }

    private void allocate() {
        long bytes = RemoteMemory.CHUNK_BYTES << random.nextInt(ORDERS_OF_SMALL);
        if (random.nextInt(LARGE_ONE_IN) == 0) {
            bytes = 1 + Math.floorMod(random.nextLong(), maxBlockBytes);
        }
        RemoteBlock block;
        try {
            block = memory.allocate(Math.min(bytes, maxBlockBytes));
        } catch (OutOfRemoteMemory full) {
            freeAll();
            return;
        }
        Held taken = new Held(block, blocks++);
        held.add(taken);
        for (long offset = 0; offset < block.length(); offset += PIECE_BYTES) {
            int length = (int) Math.min(PIECE_BYTES, block.length() - offset);
            BlockPattern.fill(written.clear().limit(length), number, taken.number(), offset / Long.BYTES);
            block.write(offset, written);
        }
    }

    private void check(Held taken) {
        RemoteBlock block = taken.block();
        for (long offset = 0; offset < block.length(); offset += PIECE_BYTES) {
            int length = (int) Math.min(PIECE_BYTES, block.length() - offset);
            BlockPattern.fill(written.clear().limit(length), number, taken.number(), offset / Long.BYTES);
            block.read(offset, found.clear().limit(length));
            int wrong = found.flip().mismatch(written);
            if (wrong >= 0) {
                throw new ProtocolViolation(
                        "a block does not hold what its owner wrote: found "
                                + BlockPattern.describe(found.getLong(wrong / Long.BYTES * Long.BYTES)),
                        "owner",
                        number,
                        "block",
                        taken.number(),
                        "offset",
                        offset + wrong,
                        "handle",
                        block.handle());
            }
        }
    }

    private void freeAll() {
        while (!held.isEmpty()) {
            Held last = held.remove(held.size() - 1);
            check(last);
            last.block().close();
        }
    }

    /** Everything is checked and named; returns the order that ended the pause. */
    private String pause() throws InterruptedException {
        orFenced(() -> held.forEach(this::check));
        StringBuilder line = new StringBuilder("held ").append(number);
        held.forEach(taken -> line.append(' ')
                .append(taken.block().handle().address())
                .append(' ')
                .append(taken.block().length()));
        says.accept(line.toString());
        while (true) {
            String order = orders.take();
            switch (order) {
                case FREE -> {
                    freeAll();
                    says.accept("freed " + number);
                }
                case FILL -> says.accept("filled " + number + " " + fill());
                default -> {
                    return order;
                }
            }
        }
    }

    /** Every chunk that can be had, none of them twice; given back. */
    private int fill() {
        Set<Long> addresses = new HashSet<>();
        List<RemoteBlock> all = new ArrayList<>();
        try {
            while (true) {
                RemoteBlock block = memory.allocate(RemoteMemory.CHUNK_BYTES);
                all.add(block);
                if (!addresses.add(block.handle().address())) {
                    throw new ProtocolViolation("a chunk was given twice", "handle", block.handle());
                }
            }
        } catch (OutOfRemoteMemory full) {
            all.forEach(RemoteBlock::close);
            return addresses.size();
        }
    }
}
