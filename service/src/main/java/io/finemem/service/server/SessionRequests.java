package io.finemem.service.server;

import io.finemem.allocator.data.DataPath;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.api.AllocationRequest;
import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OwnerFenced;
import io.finemem.api.ProtocolViolation;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ReusableBlock;
import io.finemem.service.ipc.Counters;
import io.finemem.service.ipc.Mailbox;
import io.finemem.service.ipc.Opcode;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.journal.LastCall;
import io.finemem.service.journal.SessionLog;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes the requests of one session. Every number of a request is read once and checked against the session's own tables; the
 * worst that a wrong one brings is an error to who wrote it. Not thread-safe.
 */
final class SessionRequests {
    private static final Logger LOG = LoggerFactory.getLogger(SessionRequests.class);

    private final RemoteMemory memory;
    private final Accounts.Holding holding;
    private final @Nullable Recording recording;
    private final RecentLabels labels;
    private final BlockRecords records;
    private final Spares spares;
    private final BlockTable blocks = new BlockTable();
    private final long[] words = new long[SegmentLayout.MAX_BATCH];
    private final RemoteBlock[] taken = new RemoteBlock[SegmentLayout.MAX_BATCH];
    /** Of the request that is being executed. */
    private int position;

    private int sequence;
    private final LostBlocks lost = new LostBlocks();
    /** Calls that are to be made again. */
    private final List<Unmade> unmade = new ArrayList<>();

    private long allocations;
    private long frees;
    private long failures;
    private long liveBytes;

    /** A call that had allocated what nobody has heard of, and that is lost in part. */
    private record Unmade(int mailbox, int sequence, long[] handles) {}

    SessionRequests(
            RemoteMemory memory,
            NodeNumbers nodes,
            Accounts.Holding holding,
            LabelRules labels,
            @Nullable Recording recording) {
        this.memory = memory;
        this.records = new BlockRecords(nodes);
        this.spares = new Spares(memory);
        this.labels = new RecentLabels(labels);
        this.holding = holding;
        this.recording = recording;
    }

    /**
     * Takes over what the session held when the service was restarted. Counters begin anew.
     *
     * @param gone what it held on memory nodes that are lost
     */
    void recall(SessionLog log, Map<Long, RemoteBlock> held, Map<Long, BlockIdentity> gone) {
        gone.forEach((handle, identity) -> lost.add(handle, identity.length()));
        blocks.recall(log.handles(), log::generation);
        blocks.recall(held, lost.handles());
        liveBytes = lost.bytes();
        for (RemoteBlock block : held.values()) {
            liveBytes += block.length();
        }
        allocations = held.size() + lost.count();
        holding.take(liveBytes, allocations);
    }

    /**
     * Answers a request that was carried out before the service was restarted, out of the log.
     *
     * @return whether it was; not if what it had allocated is lost: then it is a request like any other
     */
    boolean answerAgain(Mailbox mailbox, int from, int request) {
        LastCall done = recording == null ? LastCall.NONE : recording.done(from, request);
        if (done.opcode() == Opcode.FREE) {
            mailbox.answer(request, done.count());
        } else if (recording != null && done.opcode() == Opcode.ALLOCATE) {
            long[] handles = recording.log().handlesOf(done);
            if (lost.holdsAnyOf(handles)) {
                unmade.add(new Unmade(from, request, handles));
                return false;
            }
            for (int i = 0; i < handles.length; i++) {
                RemoteBlock block = blocks.get(handles[i]);
                if (block == null) { // freed by a guess of its name, before its holder knew it
                    mailbox.fail(request, ErrorCode.INVALID_REQUEST.number(), "the block was freed already");
                    return true;
                }
                records.put(mailbox, i, handles[i], block);
            }
            mailbox.answer(request, handles.length);
        }
        return done.opcode() != LastCall.NOTHING;
    }

    /**
     * Executes one request and answers it.
     *
     * @param from which mailbox of the session it is
     * @return how much work it was, about one per block
     */
    int serve(Mailbox mailbox, int from, int request) {
        if (!unmade.isEmpty()) {
            unmade.forEach(this::unmake);
            unmade.clear();
        }
        position = from;
        sequence = request;
        int opcode = mailbox.requestOpcode();
        int count = mailbox.requestCount();
        long argument = mailbox.requestArgument();
        try {
            switch (opcode) {
                case Opcode.PING -> mailbox.answer(sequence, 0);
                case Opcode.ALLOCATE -> mailbox.answer(sequence, allocate(mailbox, batch(count), argument, null));
                case Opcode.ALLOCATE_LABELLED ->
                    mailbox.answer(sequence, allocate(mailbox, 1, argument, labels.read(mailbox, count, argument)));
                case Opcode.FREE -> mailbox.answer(sequence, free(mailbox, batch(count)));
                case Opcode.KEYS -> mailbox.answer(sequence, keys(mailbox, argument));
                case Opcode.STATISTICS -> mailbox.answer(sequence, counters(mailbox));
                default -> throw new ProtocolViolation("a mailbox asks for what does not exist", "opcode", opcode);
            }
        } catch (FineMemException e) {
            failures += opcode == Opcode.ALLOCATE || opcode == Opcode.ALLOCATE_LABELLED ? 1 : 0;
            mailbox.fail(sequence, e.code().number(), String.valueOf(e.getMessage()));
        }
        return opcode == Opcode.ALLOCATE_LABELLED ? 1 : Math.max(1, Math.min(count, SegmentLayout.MAX_BATCH));
    }

    private static int batch(int count) {
        if (count < 1 || count > SegmentLayout.MAX_BATCH) {
            throw new InvalidRequest("a request has 1 to " + SegmentLayout.MAX_BATCH + " blocks", "count", count);
        }
        return count;
    }

    /**
     * Allocates blocks.
     *
     * @param wish what the one block is wanted with; null for blocks anywhere
     */
    private int allocate(Mailbox mailbox, int count, long bytes, @Nullable AllocationRequest wish) {
        long length = roundedLength(bytes);
        if (length > Long.MAX_VALUE / count) {
            throw new InvalidRequest("so many blocks of that length are no number", "bytes", bytes, "count", count);
        }
        if (recording != null) {
            recording.reserve(blocks.indicesWith(count));
        }
        holding.charge(length * count, count);
        try {
            claim(bytes, count, wish);
        } catch (RuntimeException e) {
            holding.release(length * count, count);
            throw e;
        }
        for (int i = 0; i < count; i++) {
            words[i] = blocks.add(taken[i]);
        }
        if (recording != null) {
            recording.allocated(words, taken, count, position, sequence);
        }
        for (int i = 0; i < count; i++) {
            records.put(mailbox, i, words[i], taken[i]);
        }
        allocations += count;
        liveBytes += length * count;
        return count;
    }

    /** All or none. */
    private void claim(long bytes, int count, @Nullable AllocationRequest wish) {
        if (count == 1) {
            taken[0] = spares.claim(bytes, wish);
            return;
        }
        List<RemoteBlock> claimed = memory.allocateAll(bytes, count);
        for (int i = 0; i < count; i++) {
            taken[i] = claimed.get(i);
        }
    }

    /** Length of the block that holds so many bytes. */
    private long roundedLength(long bytes) {
        if (bytes < 1 || bytes > memory.maxBlockBytes()) {
            throw new InvalidRequest("a block must have 1 to " + memory.maxBlockBytes() + " bytes", "bytes", bytes);
        }
        return bytes <= Geometry.SECTION_BYTES
                ? (long) Geometry.CHUNK_BYTES << Geometry.orderOf(bytes)
                : Geometry.sectionsOf(bytes) * Geometry.SECTION_BYTES;
    }

    private int free(Mailbox mailbox, int count) {
        mailbox.copyRequestWords(words, count);
        int held = takeAll(count);
        if (recording != null) {
            recording.freeing(words, count, position, sequence);
        }
        freeTaken(held, count);
        return count;
    }

    /** Takes the blocks of the handles, all or none; those first that are there. How many they are: the others are lost. */
    private int takeAll(int count) {
        int held = 0;
        for (int i = 0; i < count; i++) {
            long handle = words[i];
            RemoteBlock block = blocks.take(handle);
            if (block != null) {
                words[i] = words[held];
                words[held] = handle;
                taken[held++] = block;
            } else if (!lost.take(handle)) {
                restore(0, held);
                lost.restore();
                throw new InvalidRequest(
                        "the application holds no such block, or freed it already", "handle", Long.toHexString(handle));
            }
        }
        return held;
    }

    /**
     * Frees what was taken.
     *
     * @throws MemoryNodeLost if some were lost; the others are free
     */
    private void freeTaken(int held, int count) {
        FineMemException failure = null;
        for (int i = held; i < count; i++) {
            failure = LostBlocks.failure(words[i]);
            freed(words[i], lost.end(words[i]));
        }
        boolean done = held == 0;
        try {
            done |= held > 1 && freeTogether(held);
        } catch (MemoryNodeLost | OwnerFenced e) {
            failure = e;
        }
        if (!done) {
            freeEach(held, failure);
        } else if (failure != null) {
            throw failure;
        }
    }

    /** Frees what a call had allocated whose answer nobody has seen. */
    private void unmake(Unmade call) {
        int count = 0;
        for (long handle : call.handles()) {
            if (blocks.get(handle) != null || lost.holds(handle)) {
                words[count++] = handle;
            }
        }
        position = call.mailbox();
        sequence = call.sequence();
        int held = takeAll(count);
        if (recording != null) {
            recording.unmaking(words, count, position, sequence);
        }
        try {
            freeTaken(held, count);
        } catch (FineMemException e) {
            LOG.debug("of a call that is made again some was lost: {}", e.getMessage());
        }
    }

    private void freeEach(int count, @Nullable FineMemException before) {
        FineMemException failure = before;
        for (int i = 0; i < count; i++) {
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
                notFreed(i, count);
                throw e;
            }
            freed(words[i], DataPath.heldBehind(taken[i]).length()); // that it had
        }
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * False if some of them are free already, since an earlier free failed half-way.
     *
     * @throws MemoryNodeLost if one of the nodes is lost; the other blocks are free
     */
    private boolean freeTogether(int count) {
        try {
            memory.freeAll(Arrays.asList(taken).subList(0, count));
        } catch (InvalidRequest e) {
            LOG.debug("an earlier free of these blocks had failed half-way: {}", e.getMessage());
            return false;
        } catch (MemoryNodeLost | OwnerFenced e) {
            throw e;
        } catch (RuntimeException e) {
            notFreed(0, count);
            throw e;
        }
        for (int i = 0; i < count; i++) {
            freed(words[i], DataPath.heldBehind(taken[i]).length()); // that it had
        }
        return true;
    }

    private void freed(long handle, long length) {
        if (recording != null) {
            recording.freed(handle);
        }
        blocks.retire(handle);
        holding.release(length, 1);
        liveBytes -= length;
        frees++;
    }

    /** They were to be freed, and are not. */
    private void notFreed(int from, int to) {
        restore(from, to);
        if (recording != null) {
            recording.kept(words, from, to, position, sequence);
        }
    }

    private void restore(int from, int to) {
        for (int i = from; i < to; i++) {
            blocks.restore(words[i], taken[i]);
        }
    }

    private int keys(Mailbox mailbox, long firstSection) {
        mailbox.copyRequestWords(words, 1);
        RemoteBlock block = blocks.get(words[0]);
        if (lost.holds(words[0])) {
            throw LostBlocks.failure(words[0]);
        }
        if (block == null) {
            throw new InvalidRequest("the application holds no such block", "handle", Long.toHexString(words[0]));
        }
        return BlockRecords.putKeys(mailbox, block, firstSection);
    }

    private int counters(Mailbox mailbox) {
        mailbox.putCounters(new Counters(allocations, frees, failures, blocks.live() + lost.count(), liveBytes));
        return Counters.WORDS;
    }

    /** All blocks of the session, which executes no request any more. */
    List<RemoteBlock> drain() {
        holding.release(lost.bytes(), lost.count());
        lost.clear();
        return blocks.drain();
    }

    /** A drained block is free. */
    void drained(RemoteBlock block) {
        holding.release(DataPath.heldBehind(block).length(), 1);
    }

    /** The session is over and holds nothing. */
    void close() {
        holding.close();
    }
}
