package io.finemem.coordination.redis;

import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.spi.coordination.Announcement;
import io.finemem.spi.coordination.CoordinationUnavailable;
import io.finemem.spi.coordination.MemoryNodeEntry;
import io.finemem.spi.coordination.MemoryNodeRegistration;
import io.finemem.spi.coordination.MemoryNodeState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A memory node of this process. Each heartbeat carries the whole record, so a lost one is repaired by the next. */
final class NodeHeartbeat extends LeasedRegistration implements MemoryNodeRegistration {
    private static final Logger LOG = LoggerFactory.getLogger(NodeHeartbeat.class);

    private volatile MemoryNodeEntry entry;

    NodeHeartbeat(RedisCoordination coordination, MemoryNodeEntry entry) {
        super(coordination);
        this.entry = entry;
    }

    @Override
    public MemoryNodeEntry entry() {
        return entry;
    }

    @Override
    boolean announce() {
        boolean ours = !coordination
                .directory()
                .announce(coordination.views().floor(), entry, false)
                .outcome()
                .equals("SUPERSEDED");
        if (!ours) {
            LOG.warn("the name of memory node {} was taken over by another run of it", entry.name());
        }
        return ours;
    }

    @Override
    void retire() {
        coordination.directory().retire(coordination.views().floor(), entry);
    }

    @Override
    boolean refused() {
        return false;
    }

    @Override
    public Announcement update(MemoryNodeState next) {
        return whileOpen(() -> {
            if (next == MemoryNodeState.GONE || !entry.state().mayBecome(next)) {
                throw new InvalidRequest(
                        next == MemoryNodeState.GONE
                                ? "a memory node becomes GONE by closing its registration"
                                : "a memory node cannot go from " + entry.state() + " to " + next,
                        "memoryNode",
                        entry.name());
            }
            entry = entry.withState(next);
            return tell();
        });
    }

    private Announcement tell() {
        try {
            coordination.link().call(() -> {
                beatNow();
                return true;
            });
            coordination.refreshAfterwards();
        } catch (CoordinationUnavailable e) {
            LOG.info(
                    "the state {} of memory node {} is announced later: {}",
                    entry.state(),
                    entry.name(),
                    e.getMessage());
            return Announcement.PENDING;
        }
        if (state() == State.LOST) {
            throw new MemoryClosed("the registration of this memory node was taken over", "memoryNode", entry.name());
        }
        return Announcement.RECORDED;
    }

    @Override
    public String toString() {
        return "registration{" + entry + " " + state() + "}";
    }
}
