package io.finemem.service.journal;

import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.SegmentLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One session in the journal. A call that changes something writes its slots or marks, and then {@linkplain #commit commits}: a process
 * that is killed before has not made the call, whatever it wrote. Nothing here makes garbage or enters the kernel, but for one page for
 * each 64 blocks.
 *
 * <p><b>Thread-safety.</b> Blocks and calls are for one thread at a time; connections are guarded by themselves.
 */
public final class SessionLog {
    private static final int OPEN = 0;
    private static final int ENDED = 1;
    private static final int FENCED = 2;

    private final JournalFile file;
    private final int number;
    private final ByteBuffer page;
    private final long id;
    private final Slots blocks;
    private final ConnectionLog connections;
    private long group;
    private final byte[] halves = new byte[SegmentLayout.MAX_MAILBOXES];

    private SessionLog(JournalFile file, int number, ByteBuffer page, long id) {
        this.file = file;
        this.number = number;
        this.page = page;
        this.id = id;
        this.blocks = new Slots(file, JournalLayout.BLOCKS, id);
        this.connections = new ConnectionLog(new Slots(file, JournalLayout.CONNECTIONS, id));
    }

    static SessionLog create(JournalFile file, long id, ResumeToken token, int uid, String application) {
        byte[] name = application.getBytes(StandardCharsets.UTF_8);
        synchronized (file) {
            int number = file.findFree();
            ByteBuffer page = file.page(number);
            JournalLayout.LONG.set(page, JournalLayout.ID_AT, id);
            JournalLayout.LONG.set(page, JournalLayout.TOKEN_AT, token.high());
            JournalLayout.LONG.set(page, JournalLayout.TOKEN_AT + Long.BYTES, token.low());
            JournalLayout.INT.set(page, JournalLayout.UID_AT, uid);
            JournalLayout.INT.set(page, JournalLayout.NAME_LENGTH_AT, name.length);
            page.put(JournalLayout.NAME_AT, name);
            JournalLayout.INT.set(page, JournalLayout.SESSION_CHECK_AT, check(page));
            file.assign(number, JournalLayout.SESSION, id);
            return new SessionLog(file, number, page, id);
        }
    }

    static SessionLog found(JournalFile file, int number, long id) {
        ByteBuffer page = file.page(number);
        int length = (int) JournalLayout.INT.get(page, JournalLayout.NAME_LENGTH_AT);
        if ((int) JournalLayout.INT.get(page, JournalLayout.SESSION_CHECK_AT) != check(page)
                || (long) JournalLayout.LONG.get(page, JournalLayout.ID_AT) != id
                || length < 1
                || length > Frame.MAX_NAME) {
            throw file.damaged("session " + id + " is not what was written");
        }
        SessionLog log = new SessionLog(file, number, page, id);
        log.recover();
        return log;
    }

    private static int check(ByteBuffer page) {
        long check = 1;
        for (int at = 0; at < JournalLayout.SESSION_CHECK_AT; at += Long.BYTES) {
            check = JournalLayout.mix(check, (long) JournalLayout.LONG.get(page, at));
        }
        return (int) check;
    }

    private void recover() {
        group = (long) JournalLayout.LONG.getAcquire(page, JournalLayout.COMMITTED_AT);
        if (group < 0 || state() < OPEN || state() > FENCED) {
            throw file.damaged("session " + id + " is in no possible state");
        }
        for (int mailbox = 0; mailbox < halves.length; mailbox++) {
            forgetUncommitted(mailbox);
            halves[mailbox] = (byte) latestHalf(mailbox);
        }
    }

    private int latestHalf(int mailbox) {
        long zero = entryGroup(mailbox, 0);
        long one = entryGroup(mailbox, 1);
        return zero > one ? 0 : 1;
    }

    /** The next call gets the number that this one had. */
    private void forgetUncommitted(int mailbox) {
        for (int half = 0; half < 2; half++) {
            if (entryGroup(mailbox, half) > group) {
                JournalLayout.LONG.setRelease(page, JournalLayout.entryAt(mailbox, half), 0L);
            }
        }
    }

    private long entryGroup(int mailbox, int half) {
        return (long) JournalLayout.LONG.getAcquire(page, JournalLayout.entryAt(mailbox, half));
    }

    Slots slots(int kind) {
        return kind == JournalLayout.BLOCKS ? blocks : connections.slots();
    }

    void check() {
        blocks.check();
        connections.slots().check();
    }

    private long state() {
        return (long) JournalLayout.LONG.getAcquire(page, JournalLayout.STATE_AT);
    }

    /** Its number; never used again while the journal knows it. */
    public long id() {
        return id;
    }

    /** The secret that its application has to show. */
    public ResumeToken token() {
        return ResumeToken.of((long) JournalLayout.LONG.get(page, JournalLayout.TOKEN_AT), (long)
                JournalLayout.LONG.get(page, JournalLayout.TOKEN_AT + Long.BYTES));
    }

    /** The user that opened it. */
    public int uid() {
        return (int) JournalLayout.INT.get(page, JournalLayout.UID_AT);
    }

    /** The application's name. */
    public String application() {
        byte[] name = new byte[(int) JournalLayout.INT.get(page, JournalLayout.NAME_LENGTH_AT)];
        page.get(JournalLayout.NAME_AT, name);
        return new String(name, StandardCharsets.UTF_8);
    }

    /** Whether it had ended, and its data connections were not fenced yet. */
    public boolean ended() {
        return state() == ENDED;
    }

    /** Whether it had ended, and its blocks were being freed. */
    public boolean fenced() {
        return state() == FENCED;
    }

    /** Its data connections. */
    public ConnectionLog connections() {
        return connections;
    }

    // Calls.

    /**
     * Makes room for handles below an index: until it returns, nothing must be allocated for them.
     *
     * @throws io.finemem.api.OutOfLocalResources if the file cannot grow
     */
    public void reserve(int handles) {
        if (handles > blocks.count()) {
            blocks.reserve(handles);
        }
    }

    /**
     * Writes a block of the call that is being made; the other parameters are those of {@link BlockIdentity}.
     *
     * @param place of the block in the call, from 0 on
     */
    public void allocated(long handle, int place, long bootNonce, long units, int ownerId, int slot, int generation) {
        blocks.put(
                handle,
                group + 1,
                bootNonce,
                units,
                (long) slot << Integer.SIZE | ownerId,
                (long) place << Integer.SIZE | Integer.toUnsignedLong(generation));
    }

    /** Marks a block as freed by the call that is being made. */
    public void freeing(int index) {
        blocks.setFreeing(index, group + 1);
    }

    /** A block that was to be freed is held after all, once the call that is being made counts. */
    public void kept(int index) {
        blocks.setFreeing(index, -(group + 1));
    }

    /** A block that was marked is free. */
    public void freed(int index) {
        blocks.clear(index);
    }

    /** Makes what was written for a call count, with one store. */
    public void commit(int mailbox, int sequence, int opcode, int count) {
        int half = 1 - halves[mailbox];
        int entry = JournalLayout.entryAt(mailbox, half);
        JournalLayout.INT.set(page, entry + JournalLayout.ENTRY_SEQUENCE, sequence);
        JournalLayout.INT.set(page, entry + JournalLayout.ENTRY_WHAT, opcode << Short.SIZE | count);
        JournalLayout.LONG.setRelease(page, entry, group + 1);
        halves[mailbox] = (byte) half;
        group++;
        JournalLayout.LONG.setRelease(page, JournalLayout.COMMITTED_AT, group);
    }

    /** The call of a mailbox that was carried out last; opcode 0 if there was none. */
    public LastCall lastCall(int mailbox) {
        int entry = JournalLayout.entryAt(mailbox, halves[mailbox]);
        int what = (int) JournalLayout.INT.get(page, entry + JournalLayout.ENTRY_WHAT);
        long made = (long) JournalLayout.LONG.get(page, entry);
        return made == 0
                ? LastCall.NONE
                : new LastCall(
                        made,
                        (int) JournalLayout.INT.get(page, entry + JournalLayout.ENTRY_SEQUENCE),
                        what >>> Short.SIZE,
                        what & 0xffff);
    }

    // After a restart.

    /** What is done for each block that the session holds. */
    public interface BlockVisitor {
        /** One of them. */
        void block(long handle, BlockIdentity identity);
    }

    /** Visits what the session holds; forgets what a call that was not made had written. */
    public void visitBlocks(BlockVisitor visitor) {
        for (int index = 0; index < blocks.count(); index++) {
            if (!blocks.full(index)) {
                continue;
            }
            if (blocks.word(index, JournalLayout.GROUP) > group
                    || wasFreed(blocks.word(index, JournalLayout.FREEING))) {
                blocks.clear(index);
            } else {
                blocks.setFreeing(index, 0);
                visitor.block(blocks.word(index, JournalLayout.HANDLE), blocks.identity(index));
            }
        }
    }

    /** Marked by a call that counts, and not kept by a later one that counts. */
    private boolean wasFreed(long freeing) {
        return freeing > 0 && freeing <= group || freeing < 0 && -freeing > group;
    }

    /** Number of handles that were ever used. */
    public int handles() {
        return blocks.count();
    }

    /** How often a handle's index was given out. */
    public int generation(int index) {
        return (int) (blocks.word(index, JournalLayout.HANDLE) >>> Integer.SIZE);
    }

    /** The handles that a call allocated, in its order; 0 where it is not held. */
    public long[] handlesOf(LastCall call) {
        long[] handles = new long[call.count()];
        for (int index = 0; index < blocks.count(); index++) {
            if (blocks.full(index) && blocks.word(index, JournalLayout.GROUP) == call.group()) {
                int place = (int) (blocks.word(index, JournalLayout.GENERATION) >>> Integer.SIZE);
                if (place < 0 || place >= handles.length) {
                    throw file.damaged("a block of session " + id + " has no place in its call");
                }
                handles[place] = blocks.word(index, JournalLayout.HANDLE);
            }
        }
        return handles;
    }

    /** It has ended: nobody can take it up again. */
    public void end() {
        JournalLayout.LONG.setRelease(page, JournalLayout.STATE_AT, (long) ENDED);
    }

    /** Its data connections are fenced: its blocks are nobody's. */
    public void endFenced() {
        JournalLayout.LONG.setRelease(page, JournalLayout.STATE_AT, (long) FENCED);
    }

    /** Forgets it. */
    public void remove() {
        blocks.giveBack();
        connections.slots().giveBack();
        file.giveBack(number);
        Arrays.fill(halves, (byte) 0);
    }
}
