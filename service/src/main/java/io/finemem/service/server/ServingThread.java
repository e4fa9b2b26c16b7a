package io.finemem.service.server;

import io.finemem.api.FineMemException;
import io.finemem.api.ProtocolViolation;
import io.finemem.api.ServiceLost;
import io.finemem.service.ipc.Affinity;
import io.finemem.service.ipc.EventFd;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.PollSet;
import io.finemem.service.ipc.Received;
import io.finemem.service.ipc.SystemCallFailed;
import io.finemem.spi.transport.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves some sessions in turn, a bounded piece of work each. While one of them is awake the thread spins over the mailboxes of those
 * that are, and looks at the sockets now and then; once all sleep it sleeps in {@code poll} on the sockets.
 */
final class ServingThread {
    private static final Logger LOG = LoggerFactory.getLogger(ServingThread.class);

    /** Blocks that a session may have served before it is the next one's turn. */
    private static final int BUDGET = 64;
    /** Packets of a session read before it is the next one's turn. */
    private static final int PACKETS = 8;
    /** The thread is awake while others are served: to look at an idle session costs it less than a bell costs the client. */
    private static final int LINGER = 20;
    /** How long the sockets may wait while mailboxes are busy. */
    private static final long SOCKET_NANOS = 50_000;

    private final Courier courier;
    private final OccasionalLog peersLog;
    private final long spinNanos;
    private final OptionalInt processor;
    private final EventFd wake;
    private final PollSet sockets;
    private final Queue<Session> newcomers = new ConcurrentLinkedQueue<>();
    private final List<Session> sessions = new ArrayList<>();
    private final Thread thread;
    private int idleRounds;
    private long lastWorkNanos;
    private volatile boolean closing;
    private volatile boolean keepSessions;
    private volatile boolean ended;
    private volatile int load;

    ServingThread(int index, Courier courier, OccasionalLog peersLog, long spinNanos, OptionalInt processor)
            throws SystemCallFailed {
        this.courier = courier;
        this.peersLog = peersLog;
        this.spinNanos = spinNanos;
        this.processor = processor;
        this.wake = new EventFd();
        this.sockets = new PollSet(wake);
        this.thread = new Thread(this::run, "finemem-serving-" + index);
    }

    void start() {
        thread.start();
    }

    /** Sessions that it has or will have; more than any other's if it has ended by a defect. */
    int load() {
        return ended ? Integer.MAX_VALUE : load + newcomers.size();
    }

    void adopt(Session session) {
        newcomers.add(session);
        wake.signal();
    }

    private void run() {
        pin();
        try {
            long lastPoll = System.nanoTime();
            while (!closing) {
                long now = System.nanoTime();
                boolean awake = serve(now);
                if (!awake || now - lastPoll > SOCKET_NANOS || !newcomers.isEmpty()) {
                    awake |= adoptAll(now);
                    listen(awake ? 0 : -1);
                    lastPoll = System.nanoTime();
                } else {
                    pause();
                }
            }
        } catch (SystemCallFailed e) {
            LOG.error("serving ends: the sockets cannot be waited for", e);
        } finally {
            ended = true;
            if (keepSessions) {
                leaveAll();
            } else {
                endAll();
            }
        }
    }

    /** An application that is about to ask may be waiting for this very processor. */
    private void pause() {
        if (++idleRounds < Connection.SPINS_BEFORE_YIELD) {
            Thread.onSpinWait();
        } else {
            idleRounds = 0;
            Thread.yield();
        }
    }

    private void pin() {
        if (processor.isPresent()) {
            try {
                Affinity.pinTo(processor.getAsInt());
            } catch (SystemCallFailed e) {
                LOG.warn("not pinned to processor {}: {}", processor.getAsInt(), e.getMessage());
            }
        }
    }

    /** Whether there were any, which are awake now. */
    private boolean adoptAll(long now) {
        int before = sessions.size();
        for (Session session = newcomers.poll(); session != null; session = newcomers.poll()) {
            sessions.add(session);
            awaken(session, now);
        }
        load = sessions.size();
        return load > before;
    }

    /** How long a session may be without a request before it sleeps, if there was none of any session for {@code idleNanos}. */
    static long patience(long idleNanos, long spinNanos) {
        return idleNanos < spinNanos ? LINGER * spinNanos : spinNanos;
    }

    private void awaken(Session session, long now) {
        session.awake(now);
        lastWorkNanos = now;
    }

    /** Whether a session is awake. */
    private boolean serve(long now) {
        boolean awake = false;
        long patience = patience(now - lastWorkNanos, spinNanos);
        for (int i = 0; i < sessions.size(); i++) {
            Session session = sessions.get(i);
            if (!session.asleep()) {
                FineMemException reason = serve(session, now, patience);
                if (reason != null) {
                    end(i--, reason);
                } else {
                    awake |= !session.asleep();
                }
            }
        }
        return awake;
    }

    /** Why the session must end, or null. */
    private @Nullable FineMemException serve(Session session, long now, long patience) {
        try {
            if (session.serve(BUDGET, now)) {
                idleRounds = 0;
                lastWorkNanos = now;
            } else {
                session.sleepIfIdle(now, patience);
            }
            return null;
        } catch (FineMemException e) {
            return e;
        } catch (RuntimeException e) {
            LOG.error("{} made the service fail", session, e);
            return new ProtocolViolation("a request made the service fail", "cause", e);
        }
    }

    /** Reads the sockets, waiting for one if asked to. */
    private void listen(int millis) throws SystemCallFailed {
        sockets.clear();
        int waited = sessions.size();
        for (int i = 0; i < waited; i++) { // without an iterator: this is done thousands of times a second
            sockets.add(sessions.get(i).socket());
        }
        if (sockets.await(millis) == 0) {
            return;
        }
        long now = System.nanoTime();
        for (int i = waited - 1; i >= 0; i--) {
            if (sockets.readable(i + 1)) {
                listen(i, now);
            }
        }
    }

    private void listen(int position, long now) {
        Session session = sessions.get(position);
        try {
            for (int i = 0; i < PACKETS; i++) {
                Received packet = session.socket().receive();
                if (packet == null) {
                    return;
                }
                if (packet.end()) {
                    end(position, null);
                    return;
                }
                packet.drop();
                if (hear(session, packet, now)) {
                    end(position, null);
                    return;
                }
            }
        } catch (SystemCallFailed e) {
            LOG.debug("{} is gone: {}", session, e.getMessage());
            end(position, null);
        } catch (FineMemException e) {
            end(position, e);
        }
    }

    /** Whether the session has ended. */
    private boolean hear(Session session, Received packet, long now) {
        if (packet.cut() || packet.descriptor() >= 0) {
            throw new ProtocolViolation("a packet is too long, or carries a file descriptor");
        }
        if (packet.senderPid() != session.peer().pid()) {
            throw new ProtocolViolation(
                    "a session belongs to the process that opened it",
                    "pid",
                    session.peer().pid(),
                    "sender",
                    packet.senderPid());
        }
        Frame frame = FrameCodec.decode(packet.bytes());
        if (frame instanceof Frame.Bell) {
            awaken(session, now);
            return false;
        }
        if (frame instanceof Frame.Leave) {
            return true;
        }
        boolean errand =
                frame instanceof Frame.Connect || frame instanceof Frame.Disconnect || frame instanceof Frame.Locate;
        if (!errand) {
            throw new ProtocolViolation(
                    "a client does not send this frame",
                    "frame",
                    frame.getClass().getSimpleName());
        }
        if (!session.beginErrand()) {
            throw new ProtocolViolation("a client must wait for the answer before it asks again");
        }
        courier.errand(session, frame);
        return false;
    }

    private void end(int position, @Nullable FineMemException reason) {
        Session session = sessions.remove(position);
        load = sessions.size();
        if (reason == null) {
            peersLog.info(session + " has ended" + session.deafness());
        } else {
            peersLog.warn(session + " is ended: " + reason.getMessage());
            session.sayFarewell(reason);
        }
        courier.release(session);
    }

    /** For the next run of the service, as if this one had been killed. */
    private void leaveAll() {
        adoptAll(System.nanoTime());
        sessions.forEach(session -> session.socket().close());
        sessions.clear();
        load = 0;
    }

    private void endAll() {
        adoptAll(System.nanoTime());
        while (!sessions.isEmpty()) {
            end(sessions.size() - 1, new ServiceLost("the allocation service stops"));
        }
    }

    /** Ends all sessions, or leaves them to the next run of the service. No session may be given to it afterwards. */
    void close(boolean keep) {
        keepSessions = keep;
        closing = true;
        wake.signal();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // it ends within the time of one request
            }
        }
        sockets.close();
        wake.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
