package io.finemem.service.server;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.NodeControl;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.allocator.resume.NodeResumption;
import io.finemem.allocator.resume.ResumeOutcome;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.journal.SessionJournal;
import io.finemem.service.journal.SessionLog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes what the service keeps of a session, written down if there is a journal. Used by one thread at a time. */
final class SessionFactory {
    private final ServiceOptions options;
    private final RemoteMemory memory;
    private final NodeNumbers nodes;
    private final Accounts accounts;
    private final @Nullable Continuation continuation;
    /** By boot nonce: where the owner is the one that it was before. */
    private final Map<Long, MemoryNodeControl> resumed = new HashMap<>();

    private long lastSession;

    SessionFactory(
            ServiceOptions options,
            RemoteMemory memory,
            Supplier<List<NodeControl>> nodes,
            @Nullable Continuation continuation) {
        this.options = options;
        this.memory = memory;
        this.accounts = new Accounts(options.quotas());
        this.continuation = continuation;
        if (continuation == null) {
            this.nodes = new NodeNumbers(nodes);
        } else {
            List<NodeControl> now = nodes.get();
            continuation.report().nodes().forEach(node -> noteResumed(node, now));
            this.nodes = new NodeNumbers(nodes, continuation.journal().nodes(), resumed::containsKey);
        }
    }

    private void noteResumed(NodeResumption node, List<NodeControl> all) {
        for (NodeControl known : all) {
            if (node.outcome() == ResumeOutcome.RESUMED && known.memoryNode().equals(node.memoryNode())) {
                resumed.putIfAbsent(known.bootNonce(), known.control());
            }
        }
    }

    /** Names of the first memory nodes. */
    List<String> names() {
        return nodes.names(Frame.MAX_NODES);
    }

    /** A new session without blocks. */
    Holdings begin(int uid, String application) {
        if (continuation == null) {
            return holdings(++lastSession, uid, application, null);
        }
        SessionJournal journal = continuation.journal();
        SessionLog log = journal.begin(ResumeToken.random(), uid, application);
        try {
            return holdings(log.id(), uid, application, recording(log, continuation.identities()));
        } catch (RuntimeException e) {
            log.remove();
            throw e;
        }
    }

    /** A session of an earlier run of the service. */
    Holdings recall(SessionLog log, Map<Long, RemoteBlock> blocks, Map<Long, BlockIdentity> lost) {
        if (continuation == null) {
            throw new IllegalStateException("nothing is written down");
        }
        Recording recording = recording(log, continuation.identities());
        Holdings holdings = holdings(log.id(), log.uid(), log.application(), recording);
        holdings.requests().recall(log, blocks, lost);
        holdings.connections().recall(log.connections(), resumed);
        return holdings;
    }

    private static Recording recording(SessionLog log, Identities identities) {
        return new Recording(log, identities);
    }

    private Holdings holdings(long id, int uid, String application, @Nullable Recording recording) {
        SessionLog log = recording == null ? null : recording.log();
        return new Holdings(
                "session " + id + " of '" + application + "'",
                id,
                new SessionRequests(memory, nodes, accounts.open(uid, application), options.labels(), recording),
                new DataConnections(nodes, options.dataConnections(), log == null ? null : log.connections()),
                log);
    }

    /** What an application is told of its session. */
    Frame.Welcome welcome(Holdings session, int mailboxes) {
        SessionLog log = session.log();
        return new Frame.Welcome(
                SegmentLayout.VERSION,
                mailboxes,
                session.id(),
                memory.maxBlockBytes(),
                Math.toIntExact(options.requestTimeout().toMillis()),
                names(),
                nodes.lost(Frame.MAX_LOST),
                log == null ? null : log.token());
    }
}
