package io.finemem.service.client;

import io.finemem.allocator.control.ResumeToken;
import io.finemem.api.AuthenticationFailed;
import io.finemem.api.FineMemException;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.ProtocolViolation;
import io.finemem.api.ServiceLost;
import io.finemem.service.ipc.EventFd;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.Peer;
import io.finemem.service.ipc.PollSet;
import io.finemem.service.ipc.Received;
import io.finemem.service.ipc.Segment;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.ipc.SharedSegment;
import io.finemem.service.ipc.SystemCallFailed;
import io.finemem.service.ipc.UnixSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Opens a session. */
final class Handshake {
    private static final String CONNECT_TIMEOUT = "finemem.client.connect-timeout";
    private static final long FIRST_PAUSE_NANOS = 50_000;
    private static final long LONGEST_PAUSE_NANOS = 10_000_000;

    private Handshake() {}

    static ServiceLink open(ServiceClientOptions options) {
        Path path = options.socket().toAbsolutePath();
        UnixSocket socket = connect(path, options.connectTimeout());
        try {
            return greet(socket, options);
        } catch (IOException e) {
            socket.close();
            throw new ServiceLost(e, "the allocation service did not open a session", "cause", e.getMessage());
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Tries again while as many wait to be accepted as may. */
    private static UnixSocket connect(Path path, Duration timeout) {
        long begin = System.nanoTime();
        long pause = FIRST_PAUSE_NANOS;
        while (true) {
            try {
                return UnixSocket.connected(path);
            } catch (SystemCallFailed e) {
                if (e.errno() != SystemCallFailed.EAGAIN) {
                    throw new ServiceLost(
                            e,
                            "no allocation service answers; is it started, and may this user reach its socket?",
                            "cause",
                            e.getMessage());
                }
                if (Thread.currentThread().isInterrupted() || System.nanoTime() - begin > timeout.toNanos()) {
                    throw notAccepted(e, timeout);
                }
            }
            LockSupport.parkNanos(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        }
    }

    private static ServiceLost notAccepted(SystemCallFailed cause, Duration timeout) {
        return new ServiceLost(
                cause,
                Thread.currentThread().isInterrupted()
                        ? "the thread was interrupted while the allocation service accepted no connections"
                        : "the allocation service accepts no connections, and has not within " + CONNECT_TIMEOUT
                                + "; is it overloaded, or stopped by a signal?",
                "millis",
                timeout.toMillis(),
                "cause",
                cause.getMessage());
    }

    /**
     * Tries once to take a session up again.
     *
     * @param nodes names of the memory nodes whose indices are in use
     * @return null if no service answers now
     * @throws FineMemException the service's refusal
     */
    static @Nullable Reattached reattach(
            ServiceClientOptions options,
            Frame.Welcome session,
            List<String> nodes,
            ResumeToken token,
            SharedSegment segment) {
        UnixSocket socket;
        try {
            socket = UnixSocket.connected(options.socket().toAbsolutePath());
        } catch (SystemCallFailed e) {
            return null;
        }
        Reattached taken = null;
        try {
            checkUser(socket, options);
            Frame.Reattach wanted =
                    new Frame.Reattach(SegmentLayout.VERSION, session.mailboxes(), session.session(), token);
            if (socket.send(FrameCodec.encode(wanted), segment)) {
                Received answer = await(socket, options.connectTimeout());
                answer.drop();
                Frame.Welcome now = welcome(answer);
                checkNodes(nodes, now.nodes());
                taken = new Reattached(socket, now.lost());
            }
            return taken;
        } catch (IOException e) {
            return null; // it died again, or has not come far enough
        } finally {
            if (taken == null) {
                socket.close();
            }
        }
    }

    /**
     * A session that goes on.
     *
     * @param lost indices of memory nodes that are lost
     */
    record Reattached(UnixSocket socket, List<Integer> lost) {}

    /** More may have come; of those only the first are told. */
    private static void checkNodes(List<String> before, List<String> now) {
        int common = Math.min(before.size(), Frame.MAX_NODES);
        if (common > now.size() || !now.subList(0, common).equals(before.subList(0, common))) {
            throw new ServiceLost(
                    "the allocation service came back with other memory nodes", "before", before, "now", now);
        }
    }

    private static void checkUser(UnixSocket socket, ServiceClientOptions options) throws IOException {
        Peer service = socket.peer();
        if (!options.serviceUids().contains(service.uid())) {
            throw new AuthenticationFailed(
                    "the allocation service runs as a user that is not trusted",
                    "uid",
                    service.uid(),
                    "trusted",
                    options.serviceUids());
        }
    }

    private static ServiceLink greet(UnixSocket socket, ServiceClientOptions options) throws IOException {
        checkUser(socket, options);
        Frame.Hello hello = new Frame.Hello(SegmentLayout.VERSION, options.threads(), options.application());
        try {
            if (!socket.send(FrameCodec.encode(hello))) {
                throw new IOException("the socket is full");
            }
        } catch (SystemCallFailed turnedAway) {
            return adopt(socket, answer(socket, options, turnedAway), options);
        }
        return adopt(socket, answer(socket, options, null), options);
    }

    /** The answer; a service without descriptors may have given it, and closed, before it heard the hello. */
    private static Received answer(UnixSocket socket, ServiceClientOptions options, @Nullable SystemCallFailed unsent)
            throws IOException {
        try {
            return await(socket, options.connectTimeout());
        } catch (IOException e) {
            if (unsent != null) {
                e.addSuppressed(unsent);
            }
            throw e;
        }
    }

    private static ServiceLink adopt(UnixSocket socket, Received answer, ServiceClientOptions options)
            throws IOException {
        Frame.Welcome welcome;
        try {
            welcome = welcome(answer);
        } catch (FineMemException e) {
            answer.drop();
            throw e;
        }
        return adopt(socket, answer, welcome, options); // closes the descriptor itself
    }

    private static Frame.Welcome welcome(Received answer) {
        Frame frame = FrameCodec.decode(answer.bytes());
        if (frame instanceof Frame.Failed failed) {
            throw ServiceFailure.of(failed.code(), failed.text());
        }
        if (!(frame instanceof Frame.Welcome welcome)) {
            throw new ProtocolViolation("the allocation service did not answer the hello");
        }
        if (welcome.version() != SegmentLayout.VERSION
                || welcome.mailboxes() < 1
                || welcome.mailboxes() > SegmentLayout.MAX_MAILBOXES
                || welcome.nodes().isEmpty()) {
            throw new ProtocolViolation("the allocation service gave impossible answers", "version", welcome.version());
        }
        return welcome;
    }

    private static Received await(UnixSocket socket, Duration timeout) throws IOException {
        try (EventFd nobody = new EventFd();
                PollSet one = new PollSet(nobody)) {
            one.add(socket);
            long deadline = System.nanoTime() + timeout.toNanos();
            for (long left = timeout.toNanos(); left > 0; left = deadline - System.nanoTime()) {
                one.await((int) Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(left) + 1));
                Received answer = socket.receive();
                if (answer != null && !answer.end()) {
                    return answer;
                }
                if (answer != null) {
                    throw new IOException("it closed the connection");
                }
            }
            throw new IOException("no answer within " + CONNECT_TIMEOUT + " [millis=" + timeout.toMillis() + "]");
        }
    }

    private static ServiceLink adopt(
            UnixSocket socket, Received answer, Frame.Welcome welcome, ServiceClientOptions options)
            throws IOException {
        if (answer.descriptor() < 0) {
            throw new OutOfLocalResources(
                    "this process has no file descriptor left for the segment; raise its limit (ulimit -n)");
        }
        SharedSegment shared = SharedSegment.adopt(answer.descriptor(), SegmentLayout.bytes(welcome.mailboxes()));
        try {
            Segment segment = Segment.open(shared.memory(), welcome.mailboxes());
            return new ServiceLink(socket, shared, segment, welcome, new Reattachment(options, welcome, shared));
        } catch (IOException | RuntimeException e) {
            shared.close();
            throw e;
        }
    }
}
