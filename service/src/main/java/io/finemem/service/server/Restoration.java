package io.finemem.service.server;

import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.allocator.resume.LostBlock;
import io.finemem.allocator.resume.ResumedBlock;
import io.finemem.api.RemoteBlock;
import io.finemem.service.journal.SessionLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes sessions of what an earlier run of the service wrote down and what its owner still holds. */
final class Restoration {
    private static final Logger LOG = LoggerFactory.getLogger(Restoration.class);

    private final SessionFactory factory;
    private final Map<BlockIdentity, RemoteBlock> held = new HashMap<>();
    /** Blocks that are lost because the owner, or all the memory, of their node is. */
    private final Set<BlockIdentity> withNode = new HashSet<>();

    private final List<Holdings> over = new ArrayList<>();

    Restoration(SessionFactory factory, Continuation continuation) {
        this.factory = factory;
        for (ResumedBlock block : continuation.report().blocks()) {
            held.put(block.identity(), block.block());
        }
        for (LostBlock block : continuation.report().lost()) {
            if (block.reason() != LostBlock.Reason.NOT_HELD) {
                withNode.add(block.identity());
            }
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
        Map<Long, BlockIdentity> lost = new HashMap<>();
        List<BlockIdentity> missing = new ArrayList<>();
        log.visitBlocks((handle, identity) -> {
            RemoteBlock block = held.get(identity);
            if (block != null) {
                blocks.put(handle, block);
            } else if (withNode.contains(identity)) {
                lost.put(handle, identity);
            } else {
                missing.add(identity);
            }
        });
        Holdings holdings = factory.recall(log, blocks, lost);
        if (!missing.isEmpty()) {
            LOG.warn(
                    "{} ends: its memory node does not know {} of its blocks, such as {}",
                    holdings,
                    missing.size(),
                    missing.get(0));
        } else if (!lost.isEmpty()) {
            LOG.warn("{} has lost {} of {} blocks", holdings, lost.size(), lost.size() + blocks.size());
        }
        if (log.ended() || !missing.isEmpty()) {
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
