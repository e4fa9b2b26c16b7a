package io.finemem.service.server;

import io.finemem.allocator.data.DataPath;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OwnerFenced;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ReusableBlock;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.journal.SessionLog;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one session holds, and how it is freed. Not thread-safe. */
final class SessionBlocks {
    private static final Logger LOG = LoggerFactory.getLogger(SessionBlocks.class);

    private final RemoteMemory memory;
    private final Accounts.Holding holding;
    private final Spares spares;
    private final @Nullable Recording recording;
    private final BlockTable table = new BlockTable();
    private final LostBlocks lost = new LostBlocks();
    /** Of the request that frees: first those that are there. */
    private final RemoteBlock[] taken = new RemoteBlock[SegmentLayout.MAX_BATCH];

    private int takenHeld;
    private int takenAll;
    private long frees;
    private long bytes;

    SessionBlocks(RemoteMemory memory, Accounts.Holding holding, Spares spares, @Nullable Recording recording) {
        this.memory = memory;
        this.holding = holding;
        this.spares = spares;
        this.recording = recording;
    }

    /** Those that are there, by handle. */
    BlockTable table() {
        return table;
    }

    /** Those that are lost. */
    LostBlocks lost() {
        return lost;
    }

    /** Blocks, those that are lost included. */
    int live() {
        return table.live() + lost.count();
    }

    /** Their bytes. */
    long bytes() {
        return bytes;
    }

    /** Blocks that were freed. */
    long frees() {
        return frees;
    }

    /** So many bytes were added to the table. */
    void count(long more) {
        bytes += more;
    }

    /** Takes over what the session held when the service was restarted. */
    void recall(SessionLog log, Map<Long, RemoteBlock> held, Map<Long, BlockIdentity> gone) {
        gone.forEach((handle, identity) -> lost.add(handle, identity.length()));
        table.recall(log.handles(), log::generation);
        table.recall(held, lost.handles());
        bytes = lost.bytes();
        for (RemoteBlock block : held.values()) {
            bytes += block.length();
        }
        holding.take(bytes, live());
    }

    /**
     * Takes the blocks of some handles, all or none, to be {@linkplain #freeTaken freed}.
     *
     * @param handles any numbers; sorted here, those first whose blocks are there
     * @throws InvalidRequest if one of them names no block of this session
     */
    void take(long[] handles, int count) {
        int held = 0;
        for (int i = 0; i < count; i++) {
            long handle = handles[i];
            RemoteBlock block = table.take(handle);
            if (block != null) {
                handles[i] = handles[held];
                handles[held] = handle;
                taken[held++] = block;
            } else if (!lost.take(handle)) {
                restore(handles, 0, held);
                lost.restore();
                throw new InvalidRequest(
                        "the application holds no such block, or freed it already", "handle", Long.toHexString(handle));
            }
        }
        takenHeld = held;
        takenAll = count;
    }

    /**
     * Frees what was taken, for a request of a mailbox.
     *
     * @throws MemoryNodeLost if some were lost; the others are free
     */
    void freeTaken(long[] handles, int mailbox, int sequence) {
        FineMemException failure = null;
        for (int i = takenHeld; i < takenAll; i++) {
            failure = LostBlocks.failure(handles[i]);
            freed(handles[i], lost.end(handles[i]));
        }
        int done = 0;
        try {
            done = takenHeld > 1 ? freeTogether(handles) : 0;
        } catch (MemoryNodeLost | OwnerFenced e) {
            failure = e;
        } catch (RuntimeException e) {
            notFreed(handles, 0, mailbox, sequence);
            throw e;
        }
        failure = freeEach(handles, done, failure, mailbox, sequence);
        if (failure != null) {
            throw failure;
        }
    }

    /** Frees one by one; returns why one of them is nobody's without having been freed, or what was known before. */
    private @Nullable FineMemException freeEach(
            long[] handles, int first, @Nullable FineMemException before, int mailbox, int sequence) {
        FineMemException failure = before;
        for (int i = first; i < takenHeld; i++) {
            try {
                memory.free(taken[i]);
                if (taken[i] instanceof ReusableBlock free) {
                    spares.keep(free);
                }
            } catch (InvalidRequest e) {
                LOG.debug("an earlier free of this block had failed half-way: {}", e.getMessage());
            } catch (MemoryNodeLost | OwnerFenced e) {
                failure = e; // the memory node takes it back, or is gone with it: it counts no longer
            } catch (RuntimeException e) {
                notFreed(handles, i, mailbox, sequence);
                throw e;
            }
            freed(handles[i], DataPath.heldBehind(taken[i]).length()); // that it had
        }
        return failure;
    }

    /**
     * Frees all; how many it has freed: none if some are free already, since an earlier free failed half-way.
     *
     * @throws MemoryNodeLost if one of the nodes is lost; the other blocks are free
     */
    private int freeTogether(long[] handles) {
        try {
            memory.freeAll(Arrays.asList(taken).subList(0, takenHeld));
        } catch (InvalidRequest e) {
            LOG.debug("an earlier free of these blocks had failed half-way: {}", e.getMessage());
            return 0;
        }
        for (int i = 0; i < takenHeld; i++) {
            freed(handles[i], DataPath.heldBehind(taken[i]).length()); // that it had
        }
        return takenHeld;
    }

    private void freed(long handle, long length) {
        if (recording != null) {
            recording.freed(handle);
        }
        table.retire(handle);
        holding.release(length, 1);
        bytes -= length;
        frees++;
    }

    /** They were to be freed, and are not. */
    private void notFreed(long[] handles, int from, int mailbox, int sequence) {
        restore(handles, from, takenHeld);
        if (recording != null) {
            recording.kept(handles, from, takenHeld, mailbox, sequence);
        }
    }

    private void restore(long[] handles, int from, int to) {
        for (int i = from; i < to; i++) {
            table.restore(handles[i], taken[i]);
        }
    }

    /**
     * Frees a block that nobody was told of; what cannot be freed now goes with the session.
     *
     * @return whether it is held no longer
     */
    boolean giveBack(long handle, RuntimeException cause) {
        RemoteBlock block = table.get(handle);
        if (block == null) {
            return true;
        }
        long length = DataPath.heldBehind(block).length();
        try {
            memory.free(block);
        } catch (MemoryNodeLost | OwnerFenced e) {
            cause.addSuppressed(e);
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
            bytes += length;
            return false;
        }
        table.take(handle);
        table.retire(handle);
        holding.release(length, 1);
        return true;
    }

    /** Takes all out; the session executes no request any more. */
    List<RemoteBlock> drain() {
        holding.release(lost.bytes(), lost.count());
        lost.clear();
        return table.drain();
    }
}
