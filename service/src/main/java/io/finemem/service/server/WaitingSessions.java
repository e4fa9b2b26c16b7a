package io.finemem.service.server;

import io.finemem.allocator.control.ResumeToken;
import io.finemem.api.AuthenticationFailed;
import io.finemem.api.ServiceLost;
import io.finemem.service.ipc.Peer;
import io.finemem.service.journal.SessionLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sessions of an earlier run of the service whose applications have not come back yet.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class WaitingSessions {
    private record Waiting(Holdings holdings, SessionLog log) {}

    private final Map<Long, Waiting> sessions = new HashMap<>();
    private boolean over;

    synchronized void add(Holdings holdings, SessionLog log) {
        sessions.put(log.id(), new Waiting(holdings, log));
    }

    /**
     * Takes a session for its application.
     *
     * @throws ServiceLost if there is none of that number
     * @throws AuthenticationFailed if who asks is not of the session's user, or has not its secret
     */
    synchronized Holdings take(long id, ResumeToken token, Peer peer) {
        Waiting waiting = sessions.get(id);
        if (waiting == null) {
            throw new ServiceLost(
                    "the session is over: its application came back too late, or a memory node does not know its blocks",
                    "session",
                    id);
        }
        if (!waiting.log().token().equals(token) || waiting.log().uid() != peer.uid()) {
            throw new AuthenticationFailed("the session is another application's", "session", id, "uid", peer.uid());
        }
        sessions.remove(id);
        return waiting.holdings();
    }

    /** It could not be taken up. False if no session waits any more: it is the caller's to give back. */
    synchronized boolean putBack(Holdings holdings, SessionLog log) {
        if (!over) {
            add(holdings, log);
        }
        return !over;
    }

    synchronized int count() {
        return sessions.size();
    }

    /** Takes all that are left, and lets none wait any more. */
    synchronized List<Holdings> takeAll() {
        over = true;
        List<Holdings> left = new ArrayList<>();
        sessions.values().forEach(waiting -> left.add(waiting.holdings()));
        sessions.clear();
        return left;
    }
}
