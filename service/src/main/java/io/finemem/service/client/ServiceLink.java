package io.finemem.service.client;

import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.OperationTimeout;
import io.finemem.api.ProtocolViolation;
import io.finemem.api.ServiceLost;
import io.finemem.service.ipc.EventFd;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.PollSet;
import io.finemem.service.ipc.Received;
import io.finemem.service.ipc.Segment;
import io.finemem.service.ipc.SharedSegment;
import io.finemem.service.ipc.SystemCallFailed;
import io.finemem.service.ipc.UnixSocket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The application's end of a session: the socket, the segment, and the thread that learns of the session's end.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class ServiceLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceLink.class);
    private static final ByteBuffer BELL = FrameCodec.encode(new Frame.Bell()).asReadOnlyBuffer();

    private final SharedSegment shared;
    private final Segment segment;
    private final Frame.Welcome welcome;
    private final Reattachment reattachment;
    private final EventFd wake;
    private final PollSet sockets;
    private final Thread watcher;
    private final long errandMillis;
    private final Object errands = new Object();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private volatile UnixSocket socket;
    private volatile boolean detached;
    /** Indices of memory nodes that were lost while the service was away. */
    private volatile Set<Integer> lostNodes = Set.of();

    private volatile @Nullable CompletableFuture<Frame> pending;
    private volatile @Nullable FineMemException lost;
    private int lastRequest;

    ServiceLink(
            UnixSocket socket, SharedSegment shared, Segment segment, Frame.Welcome welcome, Reattachment reattachment)
            throws SystemCallFailed {
        this.socket = socket;
        this.shared = shared;
        this.segment = segment;
        this.welcome = welcome;
        this.reattachment = reattachment;
        this.errandMillis = 2L * welcome.timeoutMillis();
        this.wake = new EventFd();
        this.sockets = new PollSet(wake);
        this.watcher = new Thread(this::watch, "finemem-service-watch");
        watcher.setDaemon(true);
        watcher.start();
    }

    /** The service went away while it had an errand of this client: whether it was done is unknown. */
    static final class Interrupted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Interrupted() {
            super("the allocation service was restarted", null, false, false);
        }
    }

    Segment segment() {
        return segment;
    }

    Frame.Welcome welcome() {
        return welcome;
    }

    /** Whether the service is away, and may come back: it cannot answer now. */
    boolean detached() {
        return detached;
    }

    /** Whether a memory node was lost while the service was away. */
    boolean lost(int node) {
        Set<Integer> all = lostNodes;
        return !all.isEmpty() && all.contains(node);
    }

    /** Throws if the session is over. */
    void requireAlive() {
        FineMemException cause = lost;
        if (cause != null) {
            throw again(cause);
        }
    }

    /** The same failure with the stack of who meets it. */
    private static FineMemException again(FineMemException cause) {
        String text = String.valueOf(cause.getMessage());
        return cause instanceof MemoryClosed ? new MemoryClosed(text) : new ServiceLost(cause, text);
    }

    /** Wakes the service if it sleeps; called after a request was published. */
    void ring() {
        if (segment.needsBell()) {
            try {
                socket.send(BELL.duplicate()); // no room: bells are there already
            } catch (SystemCallFailed e) {
                requireAlive();
                if (!reattachment.possible()) {
                    lose(new ServiceLost(e, "the allocation service is gone"));
                    requireAlive();
                } // else a service that comes back looks at all mailboxes
            }
        }
    }

    /**
     * Asks for what goes over the socket; one thread at a time.
     *
     * @throws Interrupted if the service was restarted meanwhile; it is back
     */
    Frame.Connected connect(int node, byte[] descriptor) {
        synchronized (errands) {
            return answer(Frame.Connected.class, new Frame.Connect(++lastRequest, node, descriptor));
        }
    }

    /** Name of a memory node that came after the welcome. */
    String locate(int node) {
        synchronized (errands) {
            while (true) {
                try {
                    String name = answer(Frame.Located.class, new Frame.Locate(++lastRequest, node))
                            .memoryNode();
                    reattachment.met(node, name);
                    return name;
                } catch (Interrupted e) {
                    requireAlive(); // it is back, with the same memory nodes
                }
            }
        }
    }

    void disconnect(int connection) {
        synchronized (errands) {
            boolean again = false;
            while (true) {
                try {
                    answer(Frame.Disconnected.class, new Frame.Disconnect(++lastRequest, connection));
                    return;
                } catch (Interrupted e) {
                    again = true;
                } catch (InvalidRequest e) {
                    if (!again) {
                        throw e;
                    }
                    return; // it was done before the service went away
                }
            }
        }
    }

    private <T extends Frame> T answer(Class<T> kind, Frame request) {
        CompletableFuture<Frame> reply = new CompletableFuture<>();
        pending = reply;
        UnixSocket asked = socket;
        try {
            requireAlive();
            if (!asked.send(FrameCodec.encode(request))) {
                throw new OperationTimeout("the allocation service does not read its socket; nothing was sent");
            }
            Frame frame = Uninterrupted.get(reply, errandMillis);
            if (frame instanceof Frame.Failed failed) {
                throw ServiceFailure.of(failed.code(), failed.text());
            }
            return kind.cast(frame);
        } catch (SystemCallFailed e) {
            interrupted(asked, e);
        } catch (TimeoutException e) {
            lose(new ServiceLost("the allocation service does not answer", "millis", errandMillis));
        } catch (ExecutionException | ClassCastException e) {
            if (e.getCause() instanceof Interrupted cause) {
                interrupted(asked, cause);
            }
            lose(new ServiceLost(e, "the allocation service gave a wrong answer"));
        } finally {
            pending = null;
        }
        requireAlive();
        throw new IllegalStateException("a lost session is alive");
    }

    /** Waits until the service is back, and throws then; or loses the session. */
    private void interrupted(UnixSocket before, Throwable cause) {
        if (!reattachment.possible()) {
            lose(new ServiceLost(cause, "the allocation service is gone"));
            return;
        }
        awaitAnother(before);
        requireAlive();
        throw new Interrupted();
    }

    /** Until the service is back, or is given up; also if the thread is interrupted, as with {@link Uninterrupted}. */
    private synchronized void awaitAnother(UnixSocket before) {
        boolean interrupted = false;
        while (lost == null && socket == before) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void watch() {
        try {
            do {
                listen();
            } while (reattach());
        } catch (SystemCallFailed e) {
            lose(new ServiceLost(e, "the allocation service is gone"));
        } catch (ProtocolViolation e) {
            lose(new ServiceLost(e, "the allocation service sent what it must not"));
        } catch (FineMemException e) {
            lose(e);
        } finally {
            lose(new ServiceLost("the allocation service is gone; what this application held is given back"));
            socket.close();
            shared.close();
            sockets.close();
            wake.close();
            end.complete(null);
        }
    }

    private void listen() throws SystemCallFailed {
        do {
            sockets.clear();
            sockets.add(socket);
            sockets.await(-1);
        } while (!sockets.readable(1) || hear());
    }

    /** The service has closed the socket: whether it has the session again. */
    private boolean reattach() {
        if (lost != null || !reattachment.possible()) {
            return false;
        }
        detached = true;
        socket.close();
        CompletableFuture<Frame> waiting = pending;
        if (waiting != null) {
            waiting.completeExceptionally(new Interrupted());
        }
        Handshake.Reattached back = reattachment.await(() -> lost != null);
        if (back == null) {
            return false;
        }
        UnixSocket next = back.socket();
        synchronized (this) {
            if (lost != null) {
                next.close();
                return false;
            }
            lostNodes = Set.copyOf(back.lost());
            socket = next;
            detached = false;
            notifyAll();
        }
        try {
            next.send(BELL.duplicate()); // for who rang on the old socket when the service slept again already
        } catch (SystemCallFailed e) {
            LOG.debug("the allocation service went away again: {}", e.getMessage());
        }
        return true;
    }

    /** False once the service has closed the socket. */
    private boolean hear() throws SystemCallFailed {
        Received packet = socket.receive();
        if (packet == null) {
            return true;
        }
        packet.drop();
        if (packet.end()) {
            return false;
        }
        Frame frame = FrameCodec.decode(packet.bytes());
        CompletableFuture<Frame> waiting = pending;
        if (frame instanceof Frame.Farewell farewell) {
            lose(new ServiceLost("the allocation service ended the session: " + farewell.text()));
        } else if (waiting != null && requestOf(frame) == lastRequest) {
            waiting.complete(frame);
        } else {
            throw new ProtocolViolation(
                    "an answer to nothing", "frame", frame.getClass().getSimpleName());
        }
        return true;
    }

    private static int requestOf(Frame frame) {
        if (frame instanceof Frame.Connected connected) {
            return connected.request();
        }
        if (frame instanceof Frame.Disconnected disconnected) {
            return disconnected.request();
        }
        if (frame instanceof Frame.Located located) {
            return located.request();
        }
        return frame instanceof Frame.Failed failed ? failed.request() : 0;
    }

    /** The first reason stays. */
    private synchronized void lose(FineMemException reason) {
        if (lost == null) {
            lost = reason;
            notifyAll();
            CompletableFuture<Frame> waiting = pending;
            if (waiting != null) {
                waiting.completeExceptionally(reason);
            }
        }
    }

    /** Goes in order: returns when the service has given back all that this application held, or does not answer. */
    @Override
    public void close() {
        lose(new MemoryClosed("the RemoteMemory was closed"));
        try {
            socket.send(FrameCodec.encode(new Frame.Leave()));
            Uninterrupted.get(end, errandMillis);
        } catch (SystemCallFailed | ExecutionException | TimeoutException e) {
            socket.shutdown(); // the service sees that, whenever it looks, and gives back what is left
        }
    }
}
