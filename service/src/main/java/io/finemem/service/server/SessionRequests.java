package io.finemem.service.server;

import io.finemem.allocator.data.DataPath;
import io.finemem.allocator.data.HeldBlock;
import io.finemem.allocator.layout.Geometry;
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

    /** As many as one request frees. */
    private static final int SPARES = SegmentLayout.MAX_BATCH;

    private final RemoteMemory memory;
    private final Accounts.Holding holding;
    private final @Nullable Recording recording;
    private final RecentLabels labels;
    private final BlockTable blocks = new BlockTable();
    private final long[] words = new long[SegmentLayout.MAX_BATCH];
    private final RemoteBlock[] taken = new RemoteBlock[SegmentLayout.MAX_BATCH];
    /** Of the request that is being executed. */
    private int position;

    private int sequence;
    /** Objects that hold no block, for the next allocations. */
    private final ReusableBlock[] spares = new ReusableBlock[SPARES];

    private int spareCount;
    private long allocations;
    private long frees;
    private long failures;
    private long liveBytes;

    SessionRequests(RemoteMemory memory, Accounts.Holding holding, LabelRules labels, @Nullable Recording recording) {
        this.memory = memory;
        this.labels = new RecentLabels(labels);
        this.holding = holding;
        this.recording = recording;
    }

    /** Takes over what the session held when the service was restarted. Counters begin anew. */
    void recall(SessionLog log, Map<Long, RemoteBlock> held) {
        blocks.recall(log.handles(), log::generation);
        blocks.recall(held);
        for (RemoteBlock block : held.values()) {
            liveBytes += block.length();
        }
        holding.take(liveBytes, held.size());
        allocations = held.size();
    }

    /**
     * Answers a request that was carried out before the service was restarted, out of the log.
     *
     * @return whether it was
     */
    boolean answerAgain(Mailbox mailbox, int from, int request) {
        LastCall done = recording == null ? LastCall.NONE : recording.done(from, request);
        if (done.opcode() == Opcode.FREE) {
            mailbox.answer(request, done.count());
        } else if (recording != null && done.opcode() == Opcode.ALLOCATE) {
            long[] handles = recording.log().handlesOf(done);
            for (int i = 0; i < handles.length; i++) {
                RemoteBlock block = blocks.get(handles[i]);
                if (block == null) { // freed by a guess of its name, before its holder knew it
                    mailbox.fail(request, ErrorCode.INVALID_REQUEST.number(), "the block was freed already");
                    return true;
                }
                put(mailbox, i, handles[i], DataPath.heldBehind(block));
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
            writeDown(recording, count);
        }
        for (int i = 0; i < count; i++) {
            put(mailbox, i, words[i], DataPath.heldBehind(taken[i]));
        }
        allocations += count;
        liveBytes += length * count;
        return count;
    }

    /** What cannot be written down is given back, for nobody is told of it. */
    private void writeDown(Recording to, int count) {
        try {
            to.allocated(words, taken, count, position, sequence);
        } catch (RuntimeException e) {
            to.forget(words, count);
            for (int i = 0; i < count; i++) {
                giveBack(words[i], e);
            }
            throw e;
        }
    }

    /** What cannot be freed now goes with the session. */
    private void giveBack(long handle, RuntimeException cause) {
        RemoteBlock block = blocks.get(handle);
        if (block == null) {
            return;
        }
        long length = DataPath.heldBehind(block).length();
        try {
            memory.free(block);
        } catch (MemoryNodeLost | OwnerFenced e) {
            cause.addSuppressed(e);
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
            allocations++;
            liveBytes += length;
            return;
        }
        blocks.take(handle);
        blocks.retire(handle);
        holding.release(length, 1);
    }

    /** All or none. */
    private void claim(long bytes, int count, @Nullable AllocationRequest wish) {
        if (count == 1) {
            taken[0] = claimOne(bytes, wish);
            return;
        }
        List<RemoteBlock> claimed = memory.allocateAll(bytes, count);
        for (int i = 0; i < count; i++) {
            taken[i] = claimed.get(i);
        }
    }

    /** Without garbage: into an object whose block was freed. */
    private RemoteBlock claimOne(long bytes, @Nullable AllocationRequest wish) {
        ReusableBlock block = spareCount > 0 ? spares[--spareCount] : memory.newReusableBlock();
        try {
            if (wish == null) {
                memory.allocateInto(block, bytes);
            } else {
                memory.allocateInto(block, wish);
            }
            return block;
        } catch (RuntimeException e) {
            keep(block);
            throw e;
        }
    }

    private void keep(ReusableBlock free) {
        if (spareCount < spares.length) {
            spares[spareCount++] = free;
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

    private static void put(Mailbox mailbox, int index, long handle, HeldBlock held) {
        long length = held.length();
        mailbox.putRecord(
                index,
                handle,
                held.address(),
                (int) (length / Geometry.CHUNK_BYTES),
                held.rkey(0),
                held.nodeIndex(),
                held.opened(0) < length,
                held.generation());
    }

    private int free(Mailbox mailbox, int count) {
        mailbox.copyRequestWords(words, count);
        for (int i = 0; i < count; i++) {
            RemoteBlock block = blocks.take(words[i]);
            if (block == null) {
                restore(0, i);
                throw new InvalidRequest(
                        "the application holds no such block, or freed it already",
                        "handle",
                        Long.toHexString(words[i]));
            }
            taken[i] = block;
        }
        if (recording != null) {
            recording.freeing(words, count, position, sequence);
        }
        FineMemException lost = null;
        try {
            if (count > 1 && freeTogether(count)) {
                return count;
            }
        } catch (MemoryNodeLost | OwnerFenced e) {
            lost = e;
        }
        freeEach(count, lost);
        return count;
    }

    private void freeEach(int count, @Nullable FineMemException before) {
        FineMemException lost = before;
        for (int i = 0; i < count; i++) {
            try {
                memory.free(taken[i]);
                if (taken[i] instanceof ReusableBlock free) {
                    keep(free);
                }
            } catch (InvalidRequest e) {
                LOG.debug("an earlier free of this block had failed half-way: {}", e.getMessage());
            } catch (MemoryNodeLost | OwnerFenced e) {
                lost = e; // the memory node takes it back, or is gone with it: it counts no longer
            } catch (RuntimeException e) {
                notFreed(i, count);
                throw e;
            }
            freed(words[i], taken[i]);
        }
        if (lost != null) {
            throw lost;
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
            freed(words[i], taken[i]);
        }
        return true;
    }

    private void freed(long handle, RemoteBlock block) {
        if (recording != null) {
            recording.freed(handle);
        }
        long length = DataPath.heldBehind(block).length(); // that it had
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
        if (block == null) {
            throw new InvalidRequest("the application holds no such block", "handle", Long.toHexString(words[0]));
        }
        HeldBlock held = DataPath.heldBehind(block);
        long sections = Geometry.sectionsOf(held.length());
        if (firstSection < 0 || firstSection >= sections) {
            throw new InvalidRequest("the block has no such section", "section", firstSection, "sections", sections);
        }
        int count = (int) Math.min(SegmentLayout.MAX_KEYS, sections - firstSection);
        for (int i = 0; i < count; i++) {
            mailbox.putKey(i, held.rkey((firstSection + i) * Geometry.SECTION_BYTES));
        }
        return count;
    }

    private int counters(Mailbox mailbox) {
        mailbox.putCounters(new Counters(allocations, frees, failures, blocks.live(), liveBytes));
        return Counters.WORDS;
    }

    /** All blocks of the session, which executes no request any more. */
    List<RemoteBlock> drain() {
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
