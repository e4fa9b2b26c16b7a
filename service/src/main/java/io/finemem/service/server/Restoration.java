package io.finemem.service.server;

import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.allocator.resume.ResumedBlock;
import io.finemem.api.RemoteBlock;
import io.finemem.service.journal.SessionLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes sessions of what an earlier run of the service wrote down and what its owner still holds. */
final class Restoration {
    private static final Logger LOG = LoggerFactory.getLogger(Restoration.class);

    private final SessionFactory factory;
    private final Map<BlockIdentity, RemoteBlock> held = new HashMap<>();
    private final List<Holdings> over = new ArrayList<>();

    Restoration(SessionFactory factory, Continuation continuation) {
        this.factory = factory;
        for (ResumedBlock block : continuation.report().blocks()) {
            held.put(block.identity(), block.block());
        }
    }

    /** Lets what goes on wait for its application. */
    void restore(List<SessionLog> found, WaitingSessions waiting) {
        for (SessionLog log : found) {
            if (log.fenced()) {
                log.remove(); // its blocks were nobody's any more, and the owner has given them back
            } else {
                restore(log, waiting);
            }
        }
    }

    private void restore(SessionLog log, WaitingSessions waiting) {
        Map<Long, RemoteBlock> blocks = new HashMap<>();
        List<BlockIdentity> lost = new ArrayList<>();
        log.visitBlocks((handle, identity) -> {
            RemoteBlock block = held.get(identity);
            if (block == null) {
                lost.add(identity);
            } else {
                blocks.put(handle, block);
            }
        });
        Holdings holdings = factory.recall(log, blocks);
        if (!lost.isEmpty()) {
            LOG.warn("{} ends: {} of its blocks are lost, such as {}", holdings, lost.size(), lost.get(0));
        }
        if (log.ended() || !lost.isEmpty()) {
            over.add(holdings);
        } else {
            waiting.add(holdings, log);
        }
    }

    /** Those that do not go on, to be given back. */
    List<Holdings> over() {
        return over;
    }
}
