package io.finemem.runtime.control;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.OutOfLocalResources;
import io.finemem.service.server.OccasionalLog;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory node's end of the control channel: one session per authenticated connection. Threads, connections and
 * memory
 * are bounded whatever strangers do.
 *
 * <p>All methods may be called by any thread.
 */
public final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final Duration LOG_INTERVAL = Duration.ofSeconds(1);
    private static final int LOG_LINES = 5;
    private static final Duration REFUSAL_TIME = Duration.ofMillis(100);
    private static final Duration ACCEPT_PAUSE = Duration.ofMillis(100);
    private static final Duration CLOSE_TIME = Duration.ofSeconds(10);
    /** For answers that are on their way when the server is closed. */
    private static final Duration ANSWER_TIME = Duration.ofSeconds(2);

    private static final int BACKLOG = 128;
    private static final long IDLE_THREAD_SECONDS = 10;

    private final InetSocketAddress wanted;
    private final ServerSocketChannel listener;
    private final ControlLimits limits;
    private final ControlSecurity security;
    private final Function<String, MemoryNodeControl> sessions;
    private final Admission<ServedConnection> admission;
    private final AddressRates rates;
    private final OccasionalLog strangersLog = new OccasionalLog(LOG, LOG_INTERVAL, LOG_LINES);
    private final OccasionalLog floodLog = new OccasionalLog(LOG, LOG_INTERVAL, 1);
    private final ThreadPoolExecutor threads;
    private final Thread acceptor;

    private ControlServer(
            InetSocketAddress wanted,
            ServerSocketChannel listener,
            ControlLimits limits,
            ControlSecurity security,
            Function<String, MemoryNodeControl> sessions,
            ThreadFactory factory) {
        this.wanted = wanted;
        this.listener = listener;
        this.limits = limits;
        this.security = security;
        this.sessions = sessions;
        admission = new Admission<>(limits.maxHandshakes(), limits.maxSessions(), ServedConnection::origin);
        rates = new AddressRates(limits.maxRate(), System::nanoTime);
        threads = newThreads(limits.maxHandshakes() + limits.maxSessions(), factory);
        acceptor = new Thread(this::accept, "finemem-control-accept");
        acceptor.setDaemon(true);
    }

    /**
     * Listens and serves until {@link #close}.
     *
     * @param listen where; port 0 takes a free one
     * @param sessions makes a session for a peer of that name; the server closes it
     * @throws OutOfLocalResources if the port is in use
     * @throws InvalidConfiguration if the address is not one of this machine
     */
    public static ControlServer start(
            InetSocketAddress listen,
            ControlLimits limits,
            ControlSecurity security,
            Function<String, MemoryNodeControl> sessions) {
        return start(listen, limits, security, sessions, numbered());
    }

    /** The same with threads of another making. */
    static ControlServer start(
            InetSocketAddress listen,
            ControlLimits limits,
            ControlSecurity security,
            Function<String, MemoryNodeControl> sessions,
            ThreadFactory factory) {
        ControlServer server = new ControlServer(listen, bind(listen), limits, security, sessions, factory);
        server.acceptor.start();
        return server;
    }

    /** Where it listens, with the real port; 0.0.0.0 stays that, although the socket takes IPv6 too. */
    public InetSocketAddress address() {
        try {
            InetSocketAddress bound = (InetSocketAddress) listener.getLocalAddress();
            return bound.getAddress().isAnyLocalAddress()
                    ? new InetSocketAddress(wanted.getAddress(), bound.getPort())
                    : bound;
        } catch (IOException e) {
            throw new IllegalStateException("the control server is closed", e);
        }
    }

    /** Authenticated peers at the moment. */
    public int sessions() {
        return admission.sessions();
    }

    /** Ends all sessions: owners that did not leave are fenced. */
    @Override
    public void close() {
        closeQuietly(listener);
        admission.all().forEach(ServedConnection::finish);
        threads.shutdown();
        // A connection that was accepted a moment ago is not in the first walk.
        awaitEnd();
        strangersLog.finish();
        floodLog.finish();
    }

    private void awaitEnd() {
        boolean interrupted = false;
        Deadline deadline = Deadline.after(CLOSE_TIME);
        Deadline answers = Deadline.after(ANSWER_TIME);
        while (!threads.isTerminated() && !deadline.passed()) {
            admission.all().forEach(answers.passed() ? ServedConnection::disconnect : ServedConnection::finish);
            try {
                threads.awaitTermination(Math.min(100, deadline.remainingMillis()), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (!threads.isTerminated()) {
            LOG.warn("control sessions did not end within {} s", CLOSE_TIME.toSeconds());
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static ServerSocketChannel bind(InetSocketAddress listen) {
        if (listen.isUnresolved()) {
            throw new InvalidConfiguration("cannot listen on " + text(listen)
                    + ": there is no such host; set finemem.memory-node.listen.host to an address of this machine");
        }
        ServerSocketChannel channel = null;
        try {
            channel = ServerSocketChannel.open();
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            return channel.bind(listen, BACKLOG);
        } catch (BindException e) {
            closeQuietly(channel);
            throw cannotListen(listen, e);
        } catch (IOException e) {
            closeQuietly(channel);
            throw new OutOfLocalResources(e, "cannot listen on " + text(listen) + ": " + e.getMessage());
        }
    }

    private static RuntimeException cannotListen(InetSocketAddress listen, BindException e) {
        String cause = "cannot listen on " + text(listen) + ": " + e.getMessage();
        if (String.valueOf(e.getMessage()).contains("assign")) {
            return new InvalidConfiguration(
                    e, cause + "; set finemem.memory-node.listen.host to an address of this machine");
        }
        return new OutOfLocalResources(
                e, cause + "; choose another port: finemem.memory-node.listen.port or --port, 0 takes a free one");
    }

    private static String text(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                admit(listener.accept());
            } catch (ClosedChannelException e) {
                LOG.debug("control server has stopped listening");
            } catch (IOException e) {
                // Out of file descriptors, usually: the sessions go on, and so does this loop when one is free.
                strangersLog.warn("a control connection could not be accepted: " + e.getMessage());
                pause();
            } catch (RuntimeException | OutOfMemoryError e) { // this loop is the only way in
                strangersLog.warn("a control connection could not be served: " + e);
                pause();
            }
        }
    }

    private void admit(SocketChannel channel) throws IOException {
        InetAddress origin = ((InetSocketAddress) channel.getRemoteAddress()).getAddress();
        TimedSocket socket = TimedSocket.accepted(channel);
        if (!rates.allows(origin)) {
            floodLog.warn("a control connection was refused: more than " + limits.maxRate()
                    + " in a second from " + origin.getHostAddress()
                    + "; if they are honest raise finemem.memory-node.control.max-rate");
            refuse(socket);
            return;
        }
        ServedConnection connection =
                new ServedConnection(socket, origin, limits, security, sessions, admission, strangersLog);
        admission.arrived(connection).ifPresent(ServedConnection::disconnect);
        try {
            threads.execute(connection);
        } catch (RejectedExecutionException e) {
            admission.ended(connection);
            strangersLog.warn("a control connection was refused: too many at a time, from " + socket.peer());
            refuse(socket);
        } catch (OutOfMemoryError e) { // a thread that the operating system does not grant
            admission.ended(connection);
            strangersLog.warn("a control connection was refused: no thread for it, from " + socket.peer() + ": "
                    + e.getMessage() + "; raise the limit of processes (ulimit -u, or TasksMax of the unit)");
            refuse(socket);
        }
    }

    private static void refuse(TimedSocket socket) throws IOException {
        try (socket) {
            ControlHandshake.refuse(socket, Greeting.Status.BUSY, Deadline.after(REFUSAL_TIME));
        }
    }

    private static void pause() {
        try {
            Thread.sleep(ACCEPT_PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ThreadPoolExecutor newThreads(int maximum, ThreadFactory factory) {
        return new ThreadPoolExecutor(
                0, maximum, IDLE_THREAD_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), factory);
    }

    private static ThreadFactory numbered() {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "finemem-control-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    private static void closeQuietly(ServerSocketChannel channel) {
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("closing the listening socket failed", e);
        }
    }
}
