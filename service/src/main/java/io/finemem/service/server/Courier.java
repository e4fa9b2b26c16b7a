package io.finemem.service.server;

import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OwnerFenced;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.service.ipc.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what takes longer than a serving thread may: errands to memory nodes, and giving back what ended sessions held. Each session
 * has one errand at a time, so the queue is bounded by the number of sessions. Threads of their own for both: a memory node that
 * does not answer holds up those who fence there, and the living must not wait behind the dead.
 */
final class Courier implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Courier.class);
    private static final int ERRAND_THREADS = 4;
    private static final int RELEASE_THREADS = 4;
    private static final long RETRY_MILLIS = 200;
    private static final int LAST_TRIES = 5;

    private final RemoteMemory memory;
    private final Runnable whenReleased;
    private final ScheduledThreadPoolExecutor errands = threads("finemem-courier-", ERRAND_THREADS);
    private final ScheduledThreadPoolExecutor releases = threads("finemem-release-", RELEASE_THREADS);
    private final AtomicInteger releasing = new AtomicInteger();
    private volatile boolean closing;

    Courier(RemoteMemory memory, Runnable whenReleased) {
        this.memory = memory;
        this.whenReleased = whenReleased;
    }

    private static ScheduledThreadPoolExecutor threads(String name, int count) {
        AtomicInteger number = new AtomicInteger();
        ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(count, task -> {
            Thread thread = new Thread(task, name + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        });
        threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return threads;
    }

    /** Runs a request of a session to a memory node, and answers it. */
    void errand(Session session, Frame request) {
        errands.execute(() -> session.answered(run(session, request)));
    }

    private static Frame run(Session session, Frame request) {
        int number = numberOf(request);
        try {
            return answer(session.holdings().connections(), request);
        } catch (FineMemException e) {
            return new Frame.Failed(number, e.code().number(), String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("an errand of {} failed", session, e);
            return new Frame.Failed(number, ErrorCode.PROTOCOL_VIOLATION.number(), "the service failed: " + e);
        }
    }

    private static int numberOf(Frame request) {
        if (request instanceof Frame.Connect connect) {
            return connect.request();
        }
        return request instanceof Frame.Locate locate ? locate.request() : ((Frame.Disconnect) request).request();
    }

    private static Frame answer(DataConnections connections, Frame request) {
        if (request instanceof Frame.Connect connect) {
            return connections.connect(connect);
        }
        return request instanceof Frame.Locate locate
                ? connections.locate(locate)
                : connections.disconnect((Frame.Disconnect) request);
    }

    /**
     * Gives back what an ended session held: first its data connections are fenced, so that nothing it posted executes any more,
     * then its blocks are freed. Goes on until that is done.
     */
    void release(Session session) {
        release(session.holdings(), session.socket()::close);
    }

    /**
     * The same for a session without an application.
     *
     * @param farewell called when all is given back
     */
    void release(Holdings session, Runnable farewell) {
        releasing.incrementAndGet();
        session.end();
        releases.execute(() -> fence(new Release(session, farewell), 1));
    }

    /** Does something later, unless the service is closed before. */
    void later(long millis, Runnable task) {
        releases.schedule(task, millis, TimeUnit.MILLISECONDS);
    }

    private record Release(Holdings holdings, Runnable farewell) {}

    private void fence(Release session, int tries) {
        if (session.holdings().connections().fenceAll()) {
            session.holdings().fenced();
            free(session, session.holdings().requests().drain(), 1);
        } else {
            again(session, tries, () -> fence(session, tries + 1));
        }
    }

    private void free(Release session, List<RemoteBlock> blocks, int tries) {
        List<RemoteBlock> left = new ArrayList<>();
        for (RemoteBlock block : blocks) {
            if (free(block)) {
                session.holdings().requests().drained(block);
            } else {
                left.add(block);
            }
        }
        if (left.isEmpty()) {
            done(session);
        } else {
            again(session, tries, () -> free(session, left, tries + 1));
        }
    }

    private boolean free(RemoteBlock block) {
        try {
            memory.free(block);
            return true;
        } catch (MemoryNodeLost | OwnerFenced | MemoryClosed | InvalidRequest e) {
            LOG.debug("a block of an ended session is gone already: {}", e.getMessage());
            return true;
        } catch (FineMemException e) {
            LOG.warn("a block of an ended session is not free yet: {}", e.getMessage());
            return false;
        } catch (RuntimeException e) { // nobody else would give it back, or end the session
            LOG.error("a block of an ended session is not free yet, because of a defect", e);
            return false;
        }
    }

    private void again(Release session, int tries, Runnable task) {
        if (closing && tries >= LAST_TRIES) {
            LOG.error(
                    "{} could not be given back; the memory node reclaims it after the owner has left",
                    session.holdings());
            session.holdings()
                    .requests()
                    .close(); // what is written down of it stays, for a service that resumes the owner
            session.farewell().run();
            whenReleased.run();
            releasing.decrementAndGet();
        } else {
            releases.schedule(task, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void done(Release session) {
        try {
            session.holdings().close();
            session.farewell().run();
        } finally {
            whenReleased.run();
            releasing.decrementAndGet();
        }
    }

    /** Waits until all sessions that ended are given back; those that cannot be are given up after some tries. */
    @Override
    public void close() {
        closing = true;
        boolean interrupted = false;
        while (releasing.get() > 0) {
            try {
                TimeUnit.MILLISECONDS.sleep(1);
            } catch (InterruptedException e) {
                interrupted = true; // what is held must be given back before the owner goes
            }
        }
        errands.shutdown();
        releases.shutdown();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
