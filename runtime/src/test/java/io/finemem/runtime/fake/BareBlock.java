package io.finemem.runtime.fake;

import static io.finemem.runtime.fake.BareMemory.notExpected;

import io.finemem.api.RegisteredBuffer;
import io.finemem.api.RemoteBlock;
import io.finemem.api.ScatterList;
import java.util.concurrent.CompletionStage;

/** A block that can nothing but what the test's own subclass does. */
public abstract class BareBlock implements RemoteBlock {
    @Override
    public void read(long offset, RegisteredBuffer destination, int position, int length) {
        throw notExpected("read");
    }

    @Override
    public void write(long offset, RegisteredBuffer source, int position, int length) {
        throw notExpected("write");
    }

    @Override
    public void read(long offset, ScatterList destinations) {
        throw notExpected("read");
    }

    @Override
    public void write(long offset, ScatterList sources) {
        throw notExpected("write");
    }

    @Override
    public CompletionStage<Void> readAsync(long offset, RegisteredBuffer destination, int position, int length) {
        throw notExpected("readAsync");
    }

    @Override
    public CompletionStage<Void> writeAsync(long offset, RegisteredBuffer source, int position, int length) {
        throw notExpected("writeAsync");
    }

    @Override
    public CompletionStage<Void> readAsync(long offset, ScatterList destinations) {
        throw notExpected("readAsync");
    }

    @Override
    public CompletionStage<Void> writeAsync(long offset, ScatterList sources) {
        throw notExpected("writeAsync");
    }

    @Override
    public long compareAndSwap(long offset, long expected, long update) {
        throw notExpected("compareAndSwap");
    }

    @Override
    public long fetchAdd(long offset, long addend) {
        throw notExpected("fetchAdd");
    }

    @Override
    public void close() {}
}
