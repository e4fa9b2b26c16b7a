package io.finemem.service.journal;

import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.allocator.resume.ResumeTicket;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.ProtocolViolation;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the service of a machine must know again after it was killed: its place at the memory nodes, its sessions, and whose each
 * block is. It lies in a file of mode 0600 in a directory of mode 0700, laid out as in {@link JournalLayout}; its size is that of
 * what is held, so that it needs no compaction. It survives the process, not the machine: neither does what it describes.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public final class SessionJournal implements AutoCloseable {
    private static final int MAX_TICKETS = (1 << JournalLayout.TICKETS_BITS) - 1;

    private final JournalFile file;
    private final List<SessionLog> found;
    private final List<ResumeTicket> tickets;
    private final NodeLog nodes;
    private long lastSession;

    private SessionJournal(JournalFile file) {
        this.file = file;
        Map<Long, SessionLog> sessions = sessions(file);
        this.found = List.copyOf(sessions.values());
        this.tickets = readTickets(file);
        this.nodes = new NodeLog(file);
        if (found.isEmpty()) {
            nodes.clear();
        }
        sessions.keySet().forEach(id -> lastSession = Math.max(lastSession, id));
    }

    /**
     * Opens the journal of a directory, or makes it.
     *
     * @throws InvalidConfiguration if others could reach it, another service uses it, or it is damaged or of another release
     */
    public static SessionJournal open(Path directory) {
        JournalFile file = JournalFile.open(directory);
        try {
            return new SessionJournal(file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static Map<Long, SessionLog> sessions(JournalFile file) {
        Map<Long, SessionLog> sessions = new TreeMap<>();
        file.visit((page, kind, session) -> {
            if (kind == JournalLayout.SESSION && sessions.put(session, SessionLog.found(file, page, session)) != null) {
                throw file.damaged("session " + session + " is there twice");
            }
        });
        file.visit((page, kind, session) -> {
            SessionLog log = sessions.get(session);
            switch (kind) {
                case JournalLayout.TICKET, JournalLayout.SESSION, JournalLayout.NODES -> {}
                case JournalLayout.BLOCKS, JournalLayout.CONNECTIONS -> {
                    if (log == null) {
                        throw file.damaged("a page is of session " + session + ", which there is not");
                    }
                    log.slots(kind).place(page);
                }
                default -> throw file.damaged("a page is of no kind");
            }
        });
        sessions.values().forEach(SessionLog::check);
        return sessions;
    }

    private static List<ResumeTicket> readTickets(JournalFile file) {
        long edition = file.tickets() >>> JournalLayout.TICKETS_BITS;
        ResumeTicket[] all = new ResumeTicket[(int) file.tickets() & MAX_TICKETS];
        file.visit((page, kind, of) -> {
            if (kind != JournalLayout.TICKET) {
                return;
            }
            if (of != edition) {
                file.giveBack(page); // of an edition before, or one that was not finished
                return;
            }
            ByteBuffer bytes = file.page(page);
            int position = (int) JournalLayout.INT.get(bytes, JournalLayout.TICKET_POSITION_AT);
            if (position < 0 || position >= all.length || all[position] != null) {
                throw file.damaged("a resume ticket has no place");
            }
            all[position] = ticket(file, bytes);
        });
        for (ResumeTicket ticket : all) {
            if (ticket == null) {
                throw file.damaged("a resume ticket is missing");
            }
        }
        return List.of(all);
    }

    private static ResumeTicket ticket(JournalFile file, ByteBuffer page) {
        int length = (int) JournalLayout.INT.get(page, JournalLayout.TICKET_LENGTH_AT);
        if (length < 0 || length > JournalLayout.MAX_TICKET_BYTES) {
            throw file.damaged("a resume ticket has an impossible length");
        }
        byte[] bytes = new byte[length];
        page.get(JournalLayout.TICKET_BYTES_AT, bytes);
        try {
            return ResumeTicket.of(bytes);
        } catch (ProtocolViolation e) {
            throw file.damaged(String.valueOf(e.getMessage()));
        }
    }

    /** What admits the owner at its memory nodes, as it was when the journal was opened; empty after a first start. */
    public List<ResumeTicket> tickets() {
        return tickets;
    }

    /** Stores tickets in place of what was there: the one or the other is there when the process is killed. */
    public void setTickets(List<ResumeTicket> now) {
        synchronized (file) {
            long before = file.tickets() >>> JournalLayout.TICKETS_BITS;
            try {
                for (int position = 0; position < now.size(); position++) {
                    store(before + 1, position, now.get(position).toBytes());
                }
                file.setTickets(before + 1, now.size());
            } finally { // also if there was not room for all: the next ones are of the same edition
                keepTickets(file.tickets() >>> JournalLayout.TICKETS_BITS);
            }
        }
    }

    private void keepTickets(long edition) {
        file.visit((page, kind, of) -> {
            if (kind == JournalLayout.TICKET && of != edition) {
                file.giveBack(page);
            }
        });
    }

    private void store(long edition, int position, byte[] bytes) {
        if (bytes.length > JournalLayout.MAX_TICKET_BYTES || position >= MAX_TICKETS) {
            throw new InvalidConfiguration(
                    "the session journal has no room for so many memory nodes, or for so long a name");
        }
        int number = file.findFree();
        ByteBuffer page = file.page(number);
        JournalLayout.INT.set(page, JournalLayout.TICKET_POSITION_AT, position);
        JournalLayout.INT.set(page, JournalLayout.TICKET_LENGTH_AT, bytes.length);
        page.put(JournalLayout.TICKET_BYTES_AT, bytes);
        file.assign(number, JournalLayout.TICKET, edition);
    }

    /** The memory nodes that sessions know by number; none if there were no sessions when the journal was opened. */
    public NodeLog nodes() {
        return nodes;
    }

    /** The sessions that were there when the journal was opened. */
    public List<SessionLog> found() {
        return found;
    }

    /** What the found sessions hold that do not give it back already: what the owner has to resume. */
    public List<BlockIdentity> held() {
        List<BlockIdentity> held = new ArrayList<>();
        for (SessionLog session : found) {
            if (!session.fenced()) {
                session.visitBlocks((handle, identity) -> held.add(identity));
            }
        }
        return held;
    }

    /**
     * Begins a session.
     *
     * @throws io.finemem.api.OutOfLocalResources if the file cannot grow
     */
    public SessionLog begin(ResumeToken token, int uid, String application) {
        synchronized (file) {
            return SessionLog.create(file, ++lastSession, token, uid, application);
        }
    }

    /** The file; for messages. */
    public Path path() {
        return file.path();
    }

    /** Lets another process have it, with all that it says. */
    @Override
    public void close() {
        file.close();
    }
}
