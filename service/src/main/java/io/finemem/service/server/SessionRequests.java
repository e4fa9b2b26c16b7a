package io.finemem.service.server;

import io.finemem.allocator.data.DataPath;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.api.AllocationRequest;
import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.ProtocolViolation;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.service.ipc.Counters;
import io.finemem.service.ipc.Mailbox;
import io.finemem.service.ipc.Opcode;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.journal.LastCall;
import io.finemem.service.journal.SessionLog;
import java.util.ArrayList;
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
    private final SessionBlocks held;
    private final @Nullable Recording recording;
    private final RecentLabels labels;
    private final BlockRecords records;
    private final Spares spares;
    private final long[] words = new long[SegmentLayout.MAX_BATCH];
    private final RemoteBlock[] taken = new RemoteBlock[SegmentLayout.MAX_BATCH];
    /** Of the request that is being executed. */
    private int position;

    private int sequence;
    /** Calls that are to be made again. */
    private final List<Unmade> unmade = new ArrayList<>();

    private long allocations;
    private long failures;

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
        this.held = new SessionBlocks(memory, holding, spares, recording);
    }

    /**
     * Takes over what the session held when the service was restarted. Counters begin anew.
     *
     * @param gone what it held on memory nodes that are lost
     */
    void recall(SessionLog log, Map<Long, RemoteBlock> blocks, Map<Long, BlockIdentity> gone) {
        held.recall(log, blocks, gone);
        allocations = held.live();
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
            if (held.lost().holdsAnyOf(handles)) {
                unmade.add(new Unmade(from, request, handles));
                return false;
            }
            for (int i = 0; i < handles.length; i++) {
                RemoteBlock block = held.table().get(handles[i]);
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
            recording.reserve(held.table().indicesWith(count));
        }
        holding.charge(length * count, count);
        try {
            claim(bytes, count, wish);
        } catch (RuntimeException e) {
            holding.release(length * count, count);
            throw e;
        }
        for (int i = 0; i < count; i++) {
            words[i] = held.table().add(taken[i]);
        }
        if (recording != null) {
            writeDown(recording, count);
        }
        for (int i = 0; i < count; i++) {
            records.put(mailbox, i, words[i], taken[i]);
        }
        allocations += count;
        held.count(length * count);
        return count;
    }

    /** What cannot be written down is given back, for nobody is told of it. */
    private void writeDown(Recording to, int count) {
        try {
            for (int i = 0; i < count; i++) {
                records.prepare(taken[i]);
            }
            to.allocated(words, taken, count, position, sequence);
        } catch (RuntimeException e) {
            to.forget(words, count);
            for (int i = 0; i < count; i++) {
                allocations += held.giveBack(words[i], e) ? 0 : 1;
            }
            throw e;
        }
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
        held.take(words, count);
        if (recording != null) {
            recording.freeing(words, count, position, sequence);
        }
        held.freeTaken(words, position, sequence);
        return count;
    }

    /** Frees what a call had allocated whose answer nobody has seen. */
    private void unmake(Unmade call) {
        int count = 0;
        for (long handle : call.handles()) {
            if (held.table().get(handle) != null || held.lost().holds(handle)) {
                words[count++] = handle;
            }
        }
        position = call.mailbox();
        sequence = call.sequence();
        held.take(words, count);
        if (recording != null) {
            recording.unmaking(words, count, position, sequence);
        }
        try {
            held.freeTaken(words, position, sequence);
        } catch (FineMemException e) {
            LOG.debug("of a call that is made again some was lost: {}", e.getMessage());
        }
    }

    private int keys(Mailbox mailbox, long firstSection) {
        mailbox.copyRequestWords(words, 1);
        RemoteBlock block = held.table().get(words[0]);
        if (held.lost().holds(words[0])) {
            throw LostBlocks.failure(words[0]);
        }
        if (block == null) {
            throw new InvalidRequest("the application holds no such block", "handle", Long.toHexString(words[0]));
        }
        return BlockRecords.putKeys(mailbox, block, firstSection);
    }

    private int counters(Mailbox mailbox) {
        mailbox.putCounters(new Counters(allocations, held.frees(), failures, held.live(), held.bytes()));
        return Counters.WORDS;
    }

    /** All blocks of the session, which executes no request any more. */
    List<RemoteBlock> drain() {
        return held.drain();
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
