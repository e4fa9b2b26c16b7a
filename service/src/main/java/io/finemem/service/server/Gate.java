package io.finemem.service.server;

import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.ProtocolViolation;
import io.finemem.service.ipc.EventFd;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.Peer;
import io.finemem.service.ipc.PollSet;
import io.finemem.service.ipc.Received;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.ipc.SystemCallFailed;
import io.finemem.service.ipc.UnixSocket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections and hears their hello. A peer that says nothing is dropped after a second; the number of those that have not
 * said it yet is bounded: one more, and the oldest of the user with the most of them is dropped, so that no user keeps another out.
 */
final class Gate implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
    private static final long HELLO_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int TICK_MILLIS = 100;
    private static final int MAX_WAITING = 64;
    private static final int CLOSED = -1;

    /** What becomes of a peer that said hello. */
    interface Admission {
        /** Takes the socket over, or throws and leaves it; takes the descriptor of a segment, if there is one, in any case. */
        void admit(UnixSocket socket, Peer peer, Frame greeting, int descriptor);
    }

    private record Waiting(UnixSocket socket, Peer peer, long deadline) {}

    private final UnixSocket listening;
    private final AccessRules access;
    private final Admission admission;
    private final OccasionalLog peersLog;
    private final EventFd wake;
    private final PollSet sockets;
    private final List<Waiting> waiting = new ArrayList<>();
    private final Thread thread;
    /** Kept to be able to tell a peer that descriptors have run out; null while there is none left for it. */
    private @Nullable EventFd reserve;

    private volatile boolean closing;

    Gate(UnixSocket listening, AccessRules access, Admission admission, OccasionalLog peersLog)
            throws SystemCallFailed {
        this.listening = listening;
        this.access = access;
        this.admission = admission;
        this.peersLog = peersLog;
        this.wake = new EventFd();
        try {
            this.reserve = new EventFd();
        } catch (SystemCallFailed e) {
            wake.close();
            throw e;
        }
        this.sockets = new PollSet(wake);
        this.thread = new Thread(this::run, "finemem-gate");
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!closing) {
                listen();
            }
        } catch (SystemCallFailed e) {
            LOG.error("no application can connect any more: the socket cannot be waited for", e);
        } finally {
            waiting.forEach(peer -> peer.socket().close());
        }
    }

    private void listen() throws SystemCallFailed {
        boolean open = reserve != null || reserved();
        sockets.clear();
        int first = 1;
        waiting.forEach(peer -> sockets.add(peer.socket()));
        int door = open ? sockets.add(listening) : CLOSED;
        int asked = waiting.size();
        sockets.await(open && waiting.isEmpty() && !peersLog.behind() ? -1 : TICK_MILLIS);
        peersLog.catchUp();
        for (int i = asked - 1; i >= 0; i--) {
            if (sockets.readable(first + i)) {
                hear(waiting.remove(i));
            } else if (System.nanoTime() - waiting.get(i).deadline() > 0) {
                waiting.remove(i).socket().close();
            }
        }
        if (open && sockets.readable(door)) {
            accept();
        }
    }

    /** Whether the reserve could be made again. Without it a peer could neither be accepted nor told, and would be there for ever. */
    private boolean reserved() {
        try {
            reserve = new EventFd();
            return true;
        } catch (SystemCallFailed e) {
            LOG.debug("peers wait until a descriptor is free: {}", e.getMessage());
            return false;
        }
    }

    private void accept() {
        try {
            UnixSocket socket = listening.accept();
            if (socket != null) {
                await(socket);
            }
        } catch (SystemCallFailed e) {
            if (e.outOfDescriptors()) {
                turnAway(e);
            } else {
                peersLog.warn("a connection could not be accepted: " + e.getMessage());
            }
        }
    }

    private void await(UnixSocket socket) throws SystemCallFailed {
        try {
            Peer peer = socket.peer();
            if (waiting.size() == MAX_WAITING) {
                Waiting dropped = waiting.remove(mostImpatient());
                dropped.socket().close();
                peersLog.warn("too many peers have not said hello: one of uid "
                        + dropped.peer().uid() + " is dropped for one of uid " + peer.uid());
            }
            waiting.add(new Waiting(socket, peer, System.nanoTime() + HELLO_NANOS));
        } catch (SystemCallFailed e) {
            socket.close();
            throw e;
        }
    }

    /** Position of the oldest peer of the user that has the most of them. */
    private int mostImpatient() {
        Map<Integer, Integer> byUser = new HashMap<>();
        waiting.forEach(one -> byUser.merge(one.peer().uid(), 1, Integer::sum));
        int most = Collections.max(byUser.values());
        int position = 0;
        while (byUser.get(waiting.get(position).peer().uid()) < most) {
            position++;
        }
        return position;
    }

    /** Accepts one with the descriptor kept for that, and tells it why it cannot stay. */
    private void turnAway(SystemCallFailed cause) {
        peersLog.warn("an application is turned away: " + cause.getMessage());
        if (reserve != null) {
            reserve.close();
            reserve = null;
        }
        try {
            UnixSocket socket = listening.accept();
            if (socket != null) {
                awaitHello(socket);
                refuse(
                        socket,
                        ErrorCode.OUT_OF_LOCAL_RESOURCES,
                        "the allocation service has no file descriptor left; raise its limit (ulimit -n)");
            }
        } catch (SystemCallFailed e) {
            peersLog.warn("an application could not even be told: " + e.getMessage());
        }
    }

    /** Its hello is read before it is refused: a socket closed with unread packets would drop the answer. */
    private void awaitHello(UnixSocket socket) throws SystemCallFailed {
        try (PollSet one = new PollSet(wake)) { // takes no descriptor
            one.add(socket);
            if (one.await(TICK_MILLIS) > 0) {
                Received hello = socket.receive();
                if (hello != null) {
                    hello.drop();
                }
            }
        } catch (SystemCallFailed e) {
            socket.close();
            throw e;
        }
    }

    private void hear(Waiting peer) {
        try {
            Received packet = peer.socket().receive();
            if (packet == null || packet.end()) {
                peer.socket().close();
                return;
            }
            admit(peer, packet);
        } catch (FineMemException e) {
            peersLog.warn(
                    "pid " + peer.peer().pid() + " of uid " + peer.peer().uid() + " is refused: " + e.getMessage());
            refuse(peer.socket(), e.code(), String.valueOf(e.getMessage()));
        } catch (SystemCallFailed | RuntimeException | OutOfMemoryError e) { // the others are served
            LOG.debug("a peer could not be admitted", e);
            peersLog.warn("pid " + peer.peer().pid() + " of uid " + peer.peer().uid() + " could not be admitted: " + e);
            peer.socket().close();
        }
    }

    private void admit(Waiting peer, Received packet) {
        Frame greeting;
        try {
            greeting = greeting(peer, packet);
        } catch (RuntimeException e) {
            packet.drop();
            throw e;
        }
        admission.admit(peer.socket(), peer.peer(), greeting, packet.descriptor());
    }

    private Frame greeting(Waiting peer, Received packet) {
        if (!access.allows(peer.peer())) {
            throw new InvalidRequest(
                    "this user may not use the allocation service; the operator can allow uid or gid",
                    "uid",
                    peer.peer().uid(),
                    "gid",
                    peer.peer().gid());
        }
        if (packet.cut()) {
            throw new ProtocolViolation("a hello is too long, or carries a file descriptor");
        }
        if (packet.senderPid() != peer.peer().pid()) {
            throw new ProtocolViolation("a session belongs to the process that connected");
        }
        Frame frame = FrameCodec.decode(packet.bytes());
        if (frame instanceof Frame.Hello hello) {
            if (packet.descriptor() >= 0) {
                throw new ProtocolViolation("a hello is too long, or carries a file descriptor");
            }
            return hello;
        }
        if (frame instanceof Frame.Reattach wanted) {
            check(wanted, packet.descriptor());
            return wanted;
        }
        throw new ProtocolViolation("the first frame must be a hello");
    }

    private static void check(Frame.Reattach wanted, int descriptor) {
        if (wanted.version() != SegmentLayout.VERSION
                || wanted.mailboxes() < 1
                || wanted.mailboxes() > SegmentLayout.MAX_MAILBOXES
                || descriptor < 0) {
            throw new ProtocolViolation(
                    "an application comes back with what no session has",
                    "version",
                    wanted.version(),
                    "mailboxes",
                    wanted.mailboxes());
        }
    }

    private static void refuse(UnixSocket socket, ErrorCode code, String text) {
        try (socket) {
            socket.send(FrameCodec.encode(new Frame.Failed(0, code.number(), text)));
        } catch (SystemCallFailed e) {
            LOG.debug("a refused peer was gone already: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        closing = true;
        wake.signal();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // it ends at once
            }
        }
        sockets.close();
        wake.close();
        if (reserve != null) {
            reserve.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
