package io.finemem.allocator.data;

import io.finemem.api.BlockHandle;
import io.finemem.api.InvalidRequest;
import io.finemem.api.RemoteBlock;
import java.nio.ByteBuffer;

/** A block as the application holds it. */
public final class ApplicationBlock implements RemoteBlock {
    private final DataPath path;
    private final HeldBlock held;

    ApplicationBlock(DataPath path, HeldBlock held) {
        this.path = path;
        this.held = held;
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
    public void close() {
        path.free(this);
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
