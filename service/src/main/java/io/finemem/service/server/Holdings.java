package io.finemem.service.server;

import io.finemem.service.journal.SessionLog;
import org.jspecify.annotations.Nullable;

/**
 * What the service keeps for one application, also while that has no connection to it.
 *
 * @param who for logs
 * @param id of the session
 * @param requests executes its requests, and knows its blocks
 * @param connections its data connections
 * @param log what is written down of it, or null
 */
record Holdings(String who, long id, SessionRequests requests, DataConnections connections, @Nullable SessionLog log) {

    /** Nobody can take the session up any more. */
    void end() {
        if (log != null && !log.fenced()) {
            log.end();
        }
    }

    /** Nothing that the application posted executes any more. */
    void fenced() {
        if (log != null) {
            log.endFenced();
        }
    }

    /** All is given back. */
    void close() {
        requests.close();
        if (log != null) {
            log.remove();
        }
    }

    @Override
    public String toString() {
        return who;
    }
}
