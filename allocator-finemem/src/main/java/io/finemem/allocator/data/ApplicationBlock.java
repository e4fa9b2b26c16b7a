package io.finemem.allocator.data;

import io.finemem.api.InvalidRequest;
import io.finemem.api.RegisteredBuffer;
import io.finemem.api.RemoteBlock;
import io.finemem.api.ScatterList;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A block as the application holds it. */
public abstract sealed class ApplicationBlock implements RemoteBlock permits SingleBlock, ReusableApplicationBlock {
    private final DataPath path;

    ApplicationBlock(DataPath path) {
        this.path = path;
    }

    /** What it holds now, or has held last. Each operation asks once. */
    abstract HeldBlock held();

    /** Who watches whether it is lost, and is told when it is freed. */
    abstract @Nullable Object watch();

    /** What an operation throws that finds it freed. */
    abstract InvalidRequest unusable(HeldBlock freed);

    final DataPath path() {
        return path;
    }

    @Override
    public final void read(long offset, ByteBuffer destination) {
        HeldBlock held = use();
        try {
            checkRange(held, offset, destination.remaining());
            path.read(held, offset, destination);
        } finally {
            held.unpin();
        }
    }

    @Override
    public final void write(long offset, ByteBuffer source) {
        HeldBlock held = use();
        try {
            checkRange(held, offset, source.remaining());
            path.write(held, offset, source);
        } finally {
            held.unpin();
        }
    }

    @Override
    public final long compareAndSwap(long offset, long expected, long update) {
        HeldBlock held = use();
        try {
            checkWord(held, offset);
            return path.compareAndSwap(held, offset, expected, update);
        } finally {
            held.unpin();
        }
    }

    @Override
    public final long fetchAdd(long offset, long addend) {
        HeldBlock held = use();
        try {
            checkWord(held, offset);
            return path.fetchAdd(held, offset, addend);
        } finally {
            held.unpin();
        }
    }

    @Override
    public final void read(long offset, RegisteredBuffer destination, int position, int length) {
        transfer(false, offset, destination, position, length);
    }

    @Override
    public final void write(long offset, RegisteredBuffer source, int position, int length) {
        transfer(true, offset, source, position, length);
    }

    private void transfer(boolean write, long offset, RegisteredBuffer buffer, int position, int length) {
        HeldBlock held = use();
        try {
            checkRanges(held, offset, buffer, position, length);
            path.transfer(held, write, offset, buffer, position, length);
        } finally {
            held.unpin();
        }
    }

    @Override
    public final void read(long offset, ScatterList destinations) {
        transfer(false, offset, destinations);
    }

    @Override
    public final void write(long offset, ScatterList sources) {
        transfer(true, offset, sources);
    }

    private void transfer(boolean write, long offset, ScatterList list) {
        HeldBlock held = use();
        try {
            checkRange(held, offset, list.bytes());
            path.transfer(held, write, offset, list);
        } finally {
            held.unpin();
        }
    }

    @Override
    public final CompletionStage<Void> readAsync(long offset, RegisteredBuffer destination, int position, int length) {
        return start(false, offset, destination, position, length);
    }

    @Override
    public final CompletionStage<Void> writeAsync(long offset, RegisteredBuffer source, int position, int length) {
        return start(true, offset, source, position, length);
    }

    private CompletionStage<Void> start(boolean write, long offset, RegisteredBuffer buffer, int position, int length) {
        HeldBlock held = held();
        if (!held.pin()) {
            return CompletableFuture.failedStage(unusable(held));
        }
        try {
            checkRanges(held, offset, buffer, position, length);
        } catch (InvalidRequest e) {
            held.unpin();
            return CompletableFuture.failedStage(e);
        }
        return path.start(held, write, offset, buffer, position, length);
    }

    @Override
    public final CompletionStage<Void> readAsync(long offset, ScatterList destinations) {
        return start(false, offset, destinations);
    }

    @Override
    public final CompletionStage<Void> writeAsync(long offset, ScatterList sources) {
        return start(true, offset, sources);
    }

    private CompletionStage<Void> start(boolean write, long offset, ScatterList list) {
        HeldBlock held = held();
        if (!held.pin()) {
            return CompletableFuture.failedStage(unusable(held));
        }
        try {
            checkRange(held, offset, list.bytes());
        } catch (InvalidRequest e) {
            held.unpin();
            return CompletableFuture.failedStage(e);
        }
        return path.start(held, write, offset, list);
    }

    @Override
    public final void close() {
        try {
            path.close(this);
        } finally {
            Reference.reachabilityFence(this); // not lost while it is being closed
        }
    }

    private static void checkRanges(HeldBlock held, long offset, RegisteredBuffer buffer, int position, int length) {
        if (position < 0 || length < 0 || length > buffer.capacity() - position) {
            throw new InvalidRequest(
                    "the range leaves the buffer",
                    "position",
                    position,
                    "bytes",
                    length,
                    "capacity",
                    buffer.capacity());
        }
        checkRange(held, offset, length);
    }

    /** Pins what is held. */
    private HeldBlock use() {
        HeldBlock held = held();
        if (!held.pin()) {
            throw unusable(held);
        }
        return held;
    }

    private static void checkRange(HeldBlock held, long offset, long bytes) {
        if (offset < 0 || offset > held.length() - bytes) {
            throw new InvalidRequest(
                    "the range leaves the block", "offset", offset, "bytes", bytes, "blockBytes", held.length());
        }
    }

    private static void checkWord(HeldBlock held, long offset) {
        checkRange(held, offset, Long.BYTES);
        if (offset % Long.BYTES != 0) {
            throw new InvalidRequest("an atomic needs an offset that is a multiple of 8", "offset", offset);
        }
    }

    @Override
    public final String toString() {
        return held().toString();
    }
}
