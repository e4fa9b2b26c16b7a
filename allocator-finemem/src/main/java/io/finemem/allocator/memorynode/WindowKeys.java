package io.finemem.allocator.memorynode;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import java.util.BitSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rkeys by a memory window per node. A window whose old rkeys would come back is exchanged for a new one. */
final class WindowKeys implements NodeKeys {
    private final MemoryRegion heap;
    private final BlockRanges ranges;
    private final int batch;
    private final long timeoutNanos;
    private final int keyPeriod;
    private final @Nullable MemoryWindow[] windows;
    private Connection served;
    private Connection connection;
    private Chain binds;
    private boolean broken;
    /** Windows of which it is not known which rkey they have. */
    private final BitSet suspect = new BitSet();

    private long exchanged;

    /** Binds over a loop-back connection, so many windows at a time. */
    WindowKeys(MemoryRegion heap, BlockRanges ranges, int batch, long timeoutNanos) {
        this.heap = heap;
        this.ranges = ranges;
        this.batch = batch;
        this.timeoutNanos = timeoutNanos;
        this.keyPeriod = heap.domain().transport().capabilities().windowKeyPeriod();
        this.windows = new MemoryWindow[ranges.count()];
        connect();
    }

    private void connect() {
        ConnectionOptions ends = new ConnectionOptions("loop-back", batch, Set.of());
        served = heap.domain().newConnection(ends);
        connection = heap.domain().newConnection(ends);
        served.connect(connection.descriptor());
        connection.connect(served.descriptor());
        binds = connection.newChain(batch);
    }

    @Override
    public void make(int index) {
        windows[index] = heap.domain().newWindow();
    }

    @Override
    public void prepare(int[] named, int count) {
        reconnectIfBroken();
        for (int i = 0; i < count; i++) {
            exchangeIfWornOut(named[i]);
        }
    }

    /** What was posted on the connection that failed never executes any more. */
    private void reconnectIfBroken() {
        if (broken) {
            connection.close();
            served.close();
            connect();
            broken = false;
        }
    }

    /** A bind ends the old rkey, except that of a window which has as many binds behind it as it has rkeys. */
    private void exchangeIfWornOut(int index) {
        boolean wornOut = keyPeriod > 0 && windows[index].bindCount() >= keyPeriod - 1;
        if (!wornOut && !suspect.get(index)) {
            return;
        }
        windows[index].close();
        windows[index] = heap.domain().newWindow();
        suspect.clear(index);
        exchanged++;
    }

    @Override
    public void renew(int[] named, int first, int end) {
        binds.clear();
        for (int i = first; i < end; i++) {
            int index = named[i];
            binds.bind(windows[index], heap, ranges.offset(index), ranges.length(index), PoolMemory.REMOTE);
        }
        execute(named, first, end);
    }

    private void execute(int[] named, int first, int end) {
        CompletionStatus status = CompletionStatus.IN_FLIGHT;
        try {
            status = connection.execute(binds, timeoutNanos);
        } finally {
            broken = status != CompletionStatus.SUCCESS;
            for (int i = first; i < end && broken; i++) {
                suspect.set(named[i]);
            }
        }
        if (broken) {
            throw new ConnectionLost("memory windows could not be bound", "windows", end - first, "status", status);
        }
    }

    @Override
    public int rkey(int index) {
        return windows[index].rkey();
    }

    @Override
    public boolean certain(int index) {
        return windows[index] != null && !suspect.get(index);
    }

    @Override
    public long exchanged() {
        return exchanged;
    }

    @Override
    public void close() {
        for (int i = 0; i < windows.length; i++) {
            if (windows[i] != null) {
                windows[i].close();
            }
        }
        connection.close();
        served.close();
    }
}
