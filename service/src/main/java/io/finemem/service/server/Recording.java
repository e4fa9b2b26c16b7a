package io.finemem.service.server;

import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.api.RemoteBlock;
import io.finemem.service.ipc.Opcode;
import io.finemem.service.journal.LastCall;
import io.finemem.service.journal.SessionLog;

/** What is written down of the calls of one session, before they are answered. Makes no garbage; not thread-safe. */
final class Recording implements BlockIdentity.Target {
    private final SessionLog log;
    private final Identities identities;
    /** Of the block whose identity is asked for. */
    private long handle;

    private int place;

    Recording(SessionLog log, Identities identities) {
        this.log = log;
        this.identities = identities;
    }

    SessionLog log() {
        return log;
    }

    /** Makes room, before anything is claimed. */
    void reserve(int handles) {
        log.reserve(handles);
    }

    void allocated(long[] handles, RemoteBlock[] blocks, int count, int mailbox, int sequence) {
        for (int i = 0; i < count; i++) {
            handle = handles[i];
            place = i;
            identities.identify(blocks[i], this);
        }
        log.commit(mailbox, sequence, Opcode.ALLOCATE, count);
    }

    /** Blocks that were not {@linkplain #allocated written down} to the last one are none. */
    void forget(long[] handles, int count) {
        for (int i = 0; i < count; i++) {
            log.freed((int) handles[i]);
        }
    }

    @Override
    public void identity(long bootNonce, long units, int ownerId, int slot, int generation) {
        identities.makeResumable(bootNonce, ownerId);
        log.allocated(handle, place, bootNonce, units, ownerId, slot, generation);
    }

    /** Before blocks are freed. */
    void freeing(long[] handles, int count, int mailbox, int sequence) {
        for (int i = 0; i < count; i++) {
            log.freeing((int) handles[i]);
        }
        log.commit(mailbox, sequence, Opcode.FREE, count);
    }

    /** As {@link #freeing}, of what a call had allocated that is to be made again, since its holder has never heard of it. */
    void unmaking(long[] handles, int count, int mailbox, int sequence) {
        for (int i = 0; i < count; i++) {
            log.freeing((int) handles[i]);
        }
        log.commit(mailbox, sequence, LastCall.NOTHING, 0);
    }

    void freed(long handle) {
        log.freed((int) handle);
    }

    /** Some of what was to be freed is still held: the call has failed, and its answer is to be found out again. */
    void kept(long[] handles, int from, int to, int mailbox, int sequence) {
        for (int i = from; i < to; i++) {
            log.kept((int) handles[i]);
        }
        log.commit(mailbox, sequence, LastCall.NOTHING, 0);
    }

    /** What a mailbox did last if that was the request of this number, else {@link LastCall#NONE}. */
    LastCall done(int mailbox, int sequence) {
        LastCall last = log.lastCall(mailbox);
        return last.sequence() == sequence ? last : LastCall.NONE;
    }
}
