package io.finemem.transport.shm;

import io.finemem.spi.transport.ConnectionState;
import java.nio.ByteBuffer;

/**
 * One end of a connection as it stands in the fabric of its process. Slots are used again; the incarnation, a random number,
 * tells the uses apart, so nothing done to an end that is gone touches the next one.
 */
final class End {
    static final int STATE_BITS = 8;
    static final long INCARNATION_MASK = -1L >>> STATE_BITS;

    static final int FREE = 0;
    static final int CREATED = 1;
    static final int CONNECTED = 2;
    static final int ERROR = 3;
    static final int CLOSED = 4;

    /** What {@link #busy()} gives if no operation is under way. */
    static final long IDLE = 0;

    private final FabricView view;
    private final ByteBuffer table;
    private final int slot;
    private final int at;
    private final long incarnation;
    private volatile boolean lingers;

    End(FabricView view, int slot, long incarnation) {
        this.view = view;
        this.table = view.table();
        this.slot = slot;
        this.at = FabricLayout.endAt(slot);
        this.incarnation = incarnation;
    }

    FabricView view() {
        return view;
    }

    int slot() {
        return slot;
    }

    long incarnation() {
        return incarnation;
    }

    private long word(int state) {
        return incarnation << STATE_BITS | state;
    }

    /** Writes all words of a new end; the state is last. */
    void create(long domain, int servedRights, long firstSequence) {
        SharedWord.putPlain(table, at + FabricLayout.END_DOMAIN, domain);
        SharedWord.putPlain(table, at + FabricLayout.END_RIGHTS, servedRights);
        SharedWord.putPlain(table, at + FabricLayout.END_PEER, 0);
        SharedWord.putPlain(table, at + FabricLayout.END_SEQUENCE, firstSequence);
        SharedWord.putVolatile(table, at + FabricLayout.END_STATE, word(CREATED));
    }

    /** Gives the slot back; the end must be closed and retired. */
    void free() {
        SharedWord.compareAndSet(table, at + FabricLayout.END_STATE, word(CLOSED), FREE);
    }

    boolean is(int state) {
        return SharedWord.getVolatile(table, at + FabricLayout.END_STATE) == word(state);
    }

    boolean change(int from, int to) {
        return SharedWord.compareAndSet(table, at + FabricLayout.END_STATE, word(from), word(to));
    }

    /** Closed from whatever it was. */
    void shut() {
        while (true) {
            long now = SharedWord.getVolatile(table, at + FabricLayout.END_STATE);
            boolean gone = now >>> STATE_BITS != incarnation || now == word(CLOSED);
            if (gone || SharedWord.compareAndSet(table, at + FabricLayout.END_STATE, now, word(CLOSED))) {
                return;
            }
        }
    }

    /** Where it stands; an end whose slot was given back is closed. */
    ConnectionState state() {
        long now = SharedWord.getVolatile(table, at + FabricLayout.END_STATE);
        if (now == word(CONNECTED)) {
            return ConnectionState.CONNECTED;
        }
        if (now == word(CREATED)) {
            return ConnectionState.CREATED;
        }
        return now == word(ERROR) ? ConnectionState.ERROR : ConnectionState.CLOSED;
    }

    long domain() {
        return SharedWord.getPlain(table, at + FabricLayout.END_DOMAIN);
    }

    int servedRights() {
        return (int) SharedWord.getPlain(table, at + FabricLayout.END_RIGHTS);
    }

    /** Incarnation of the end that it is connected to, valid once it is connected. */
    long peer() {
        return SharedWord.getVolatile(table, at + FabricLayout.END_PEER);
    }

    void setPeer(long peerIncarnation) {
        SharedWord.putVolatile(table, at + FabricLayout.END_PEER, peerIncarnation);
    }

    long sequence() {
        return SharedWord.getVolatile(table, at + FabricLayout.END_SEQUENCE);
    }

    /**
     * Announces that elements execute under an rkey of the peer; fails if the end was retired. A full fence for what is loaded
     * next. The rkey is stored before the odd sequence and after the even one before it, so who finds the same odd sequence
     * before and after it has read an rkey knows that it is the one.
     */
    boolean enter(long evenSequence, int rkey) {
        SharedWord.putRelease(table, at + FabricLayout.END_RKEY, rkey);
        return SharedWord.compareAndSet(table, at + FabricLayout.END_SEQUENCE, evenSequence, evenSequence + 1);
    }

    /** All that executed since {@link #enter} is visible to whoever sees the new sequence. */
    void leave(long oddSequence) {
        SharedWord.putRelease(table, at + FabricLayout.END_SEQUENCE, oddSequence + 1);
    }

    /** The sequence of the operations that the end has under way on its peer, or {@link #IDLE}. */
    long busy() {
        long sequence = sequence();
        boolean odd = (sequence & 1) != 0;
        boolean current = SharedWord.getVolatile(table, at + FabricLayout.END_STATE) >>> STATE_BITS == incarnation;
        return odd && current && !view.dead() ? sequence : IDLE;
    }

    /** The rkey that elements execute under; to be believed only if {@link #busy} is the same before and after. */
    int rkeyAtWork() {
        return (int) SharedWord.getVolatile(table, at + FabricLayout.END_RKEY);
    }

    /** Its connection was closed here while it was at work; it is waited for until it has ended. */
    void linger() {
        lingers = true;
    }

    boolean lingers() {
        return lingers;
    }

    /** Takes away the right to {@link #enter}; fails while operations are under way. */
    boolean retire() {
        long sequence = sequence();
        boolean even = (sequence & 1) == 0;
        return even && SharedWord.compareAndSet(table, at + FabricLayout.END_SEQUENCE, sequence, sequence + 2);
    }
}
