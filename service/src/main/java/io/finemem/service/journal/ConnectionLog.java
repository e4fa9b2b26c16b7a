package io.finemem.service.journal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * The data connections of a session, so that they can be fenced when the session ends after a restart.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public final class ConnectionLog {
    private final Slots slots;
    private final Deque<Integer> free = new ArrayDeque<>();
    private final Map<Integer, Integer> places = new HashMap<>();

    ConnectionLog(Slots slots) {
        this.slots = slots;
    }

    Slots slots() {
        return slots;
    }

    /**
     * Makes room for one more.
     *
     * @throws io.finemem.api.OutOfLocalResources if the file cannot grow
     */
    public synchronized void reserve() {
        if (free.isEmpty()) {
            int before = slots.count();
            slots.reserve(before + 1);
            for (int index = before; index < slots.count(); index++) {
                free.add(index);
            }
        }
    }

    /**
     * Notes one; after {@link #reserve}.
     *
     * @param connection its number in the session
     * @param node boot nonce of its memory node
     * @param served its number at the memory node
     */
    public synchronized void made(int connection, long node, int served) {
        int index = free.remove();
        places.put(connection, index);
        slots.put(1L << Integer.SIZE | index, 0, node, served, connection, 0);
    }

    /** It is fenced. */
    public synchronized void ended(int connection) {
        Integer index = places.remove(connection);
        if (index != null) {
            slots.clear(index);
            free.add(index);
        }
    }

    /** What is done for each connection that is noted. */
    public interface Visitor {
        /** One of them; parameters as in {@link ConnectionLog#made}. */
        void connection(int connection, long node, int served);
    }

    /** Visits all, after a restart; once. */
    public synchronized void visit(Visitor visitor) {
        for (int index = 0; index < slots.count(); index++) {
            if (!slots.full(index)) {
                free.add(index);
                continue;
            }
            int connection = (int) slots.word(index, JournalLayout.OWNER);
            places.put(connection, index);
            visitor.connection(
                    connection, slots.word(index, JournalLayout.NONCE), (int) slots.word(index, JournalLayout.UNITS));
        }
    }
}
