package io.finemem.allocator.data;

import io.finemem.api.BlockHandle;
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
public final class ApplicationBlock implements RemoteBlock {
    private final DataPath path;
    private final HeldBlock held;
    /** Who watches whether it is lost, if anybody does. */
    private @Nullable Object watch;

    ApplicationBlock(DataPath path, HeldBlock held) {
        this.path = path;
        this.held = held;
    }

    /** Called before the application has it. */
    void watchedBy(Object watcher) {
        watch = watcher;
    }

    @Nullable
    Object watch() {
        return watch;
    }

    DataPath path() {
        return path;
    }

    HeldBlock held() {
        return held;
    }

    @Override
    public BlockHandle handle() {
        return held.handle();
    }

    @Override
    public long length() {
        return held.length();
    }

    @Override
    public void read(long offset, ByteBuffer destination) {
        checkRange(offset, destination.remaining());
        use();
        try {
            path.read(held, offset, destination);
        } finally {
            held.unpin();
        }
    }

    @Override
    public void write(long offset, ByteBuffer source) {
        checkRange(offset, source.remaining());
        use();
        try {
            path.write(held, offset, source);
        } finally {
            held.unpin();
        }
    }

    @Override
    public long compareAndSwap(long offset, long expected, long update) {
        checkWord(offset);
        use();
        try {
            return path.compareAndSwap(held, offset, expected, update);
        } finally {
            held.unpin();
        }
    }

    @Override
    public long fetchAdd(long offset, long addend) {
        checkWord(offset);
        use();
        try {
            return path.fetchAdd(held, offset, addend);
        } finally {
            held.unpin();
        }
    }

    @Override
    public void read(long offset, RegisteredBuffer destination, int position, int length) {
        transfer(false, offset, destination, position, length);
    }

    @Override
    public void write(long offset, RegisteredBuffer source, int position, int length) {
        transfer(true, offset, source, position, length);
    }

    private void transfer(boolean write, long offset, RegisteredBuffer buffer, int position, int length) {
        checkRanges(offset, buffer, position, length);
        use();
        try {
            path.transfer(held, write, offset, buffer, position, length);
        } finally {
            held.unpin();
        }
    }

    @Override
    public void read(long offset, ScatterList destinations) {
        transfer(false, offset, destinations);
    }

    @Override
    public void write(long offset, ScatterList sources) {
        transfer(true, offset, sources);
    }

    private void transfer(boolean write, long offset, ScatterList list) {
        checkRange(offset, list.bytes());
        use();
        try {
            path.transfer(held, write, offset, list);
        } finally {
            held.unpin();
        }
    }

    @Override
    public CompletionStage<Void> readAsync(long offset, RegisteredBuffer destination, int position, int length) {
        return start(false, offset, destination, position, length);
    }

    @Override
    public CompletionStage<Void> writeAsync(long offset, RegisteredBuffer source, int position, int length) {
        return start(true, offset, source, position, length);
    }

    private CompletionStage<Void> start(boolean write, long offset, RegisteredBuffer buffer, int position, int length) {
        try {
            checkRanges(offset, buffer, position, length);
            use();
        } catch (InvalidRequest e) {
            return CompletableFuture.failedStage(e);
        }
        return path.start(held, write, offset, buffer, position, length);
    }

    @Override
    public CompletionStage<Void> readAsync(long offset, ScatterList destinations) {
        return start(false, offset, destinations);
    }

    @Override
    public CompletionStage<Void> writeAsync(long offset, ScatterList sources) {
        return start(true, offset, sources);
    }

    private CompletionStage<Void> start(boolean write, long offset, ScatterList list) {
        try {
            checkRange(offset, list.bytes());
            use();
        } catch (InvalidRequest e) {
            return CompletableFuture.failedStage(e);
        }
        return path.start(held, write, offset, list);
    }

    @Override
    public void close() {
        try {
            path.close(this);
        } finally {
            Reference.reachabilityFence(this); // not lost while it is being closed
        }
    }

    private void checkRanges(long offset, RegisteredBuffer buffer, int position, int length) {
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
        checkRange(offset, length);
    }

    private void use() {
        if (!held.pin()) {
            throw new InvalidRequest("the block was freed", "block", handle());
        }
    }

    private void checkRange(long offset, long bytes) {
        if (offset < 0 || offset > length() - bytes) {
            throw new InvalidRequest(
                    "the range leaves the block", "offset", offset, "bytes", bytes, "blockBytes", length());
        }
    }

    private void checkWord(long offset) {
        checkRange(offset, Long.BYTES);
        if (offset % Long.BYTES != 0) {
            throw new InvalidRequest("an atomic needs an offset that is a multiple of 8", "offset", offset);
        }
    }

    @Override
    public String toString() {
        return held.toString();
    }
}
