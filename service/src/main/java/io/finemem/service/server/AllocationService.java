package io.finemem.service.server;

import io.finemem.allocator.control.NodeControl;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.InvalidRequest;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.ProtocolViolation;
import io.finemem.api.RemoteMemory;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.Peer;
import io.finemem.service.ipc.Segment;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.ipc.SharedSegment;
import io.finemem.service.ipc.UnixSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The allocation service of a compute node: applications connect to its Unix socket and allocate through memory that they share with
 * it. Only this process has the metadata key and the journal; an application gets addresses, rkeys of its own blocks, and
 * connections to heaps.
 *
 * <p>An application that closes or dies gives back all it held: its data connections are fenced first.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public final class AllocationService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AllocationService.class);
    private static final Duration LOG_INTERVAL = Duration.ofSeconds(1);
    /** Lines about peers in an interval: enough for all applications of a machine that starts. */
    private static final int LOG_LINES = 20;

    private final ServiceOptions options;
    private final SessionFactory factory;
    private final @Nullable Continuation continuation;
    private final WaitingSessions waiting = new WaitingSessions();
    private final OccasionalLog peersLog = new OccasionalLog(LOG, LOG_INTERVAL, LOG_LINES);
    private final Courier courier;
    private final List<ServingThread> threads = new ArrayList<>();
    private final AtomicInteger sessions = new AtomicInteger();
    private final SocketFile file;
    private final Gate gate;
    private boolean closed;

    private AllocationService(
            ServiceOptions options,
            RemoteMemory memory,
            Supplier<List<NodeControl>> nodes,
            @Nullable Continuation continuation)
            throws IOException {
        this.options = options;
        this.continuation = continuation;
        this.factory = new SessionFactory(options, memory, nodes, continuation);
        this.courier = new Courier(memory, sessions::decrementAndGet);
        Deque<Runnable> opened = new ArrayDeque<>(List.of(courier::close));
        try {
            SocketFile socket = openSocket(opened);
            this.file = socket;
            Gate door = new Gate(socket.socket(), access(socket), this::admit, peersLog);
            opened.push(door::close);
            this.gate = door;
            for (int i = 0; i < options.threads(); i++) {
                ServingThread thread =
                        new ServingThread(i, courier, peersLog, options.spin().toNanos(), processor(i));
                opened.push(() -> thread.close(false));
                threads.add(thread);
            }
        } catch (IOException | RuntimeException e) {
            opened.forEach(Runnable::run);
            throw e;
        }
    }

    private SocketFile openSocket(Deque<Runnable> opened) {
        SocketFile socket = SocketFile.open(
                options.socket(),
                options.access().allowsOthers(),
                options.access().group());
        opened.push(socket::close);
        return socket;
    }

    /** Who is a member of the socket's group may use the service. */
    private AccessRules access(SocketFile socket) throws IOException {
        AccessRules rules = options.access();
        return rules.group().isEmpty() ? rules : rules.and(socket.group());
    }

    /**
     * Makes the directory of the socket if it is missing, as {@link #open} does; for who wants to put something beside the socket.
     *
     * @throws InvalidConfiguration if the directory cannot be used
     */
    public static void prepareDirectory(ServiceOptions options) {
        SocketFile.prepare(options.socket(), options.access().group());
    }

    /**
     * Starts serving.
     *
     * @param memory the owner that allocates, opened by this process; not closed by the service, and to be closed after it
     * @param nodes the owner's sessions with its memory nodes, as {@link io.finemem.allocator.FineMemAllocator#controls()} gives them;
     *     more may come
     * @throws InvalidConfiguration if the socket's path cannot be used
     */
    public static AllocationService open(
            ServiceOptions options, RemoteMemory memory, Supplier<List<NodeControl>> nodes) {
        return start(options, memory, nodes, null);
    }

    /**
     * Starts serving where an earlier run of the service ended, and writes down what the next one needs to know.
     *
     * @param memory the resumed owner, as in {@link #open(ServiceOptions, RemoteMemory, Supplier)}
     * @throws InvalidConfiguration if the socket's path cannot be used
     */
    public static AllocationService open(
            ServiceOptions options, RemoteMemory memory, Supplier<List<NodeControl>> nodes, Continuation continuation) {
        return start(options, memory, nodes, continuation);
    }

    private static AllocationService start(
            ServiceOptions options,
            RemoteMemory memory,
            Supplier<List<NodeControl>> nodes,
            @Nullable Continuation continuation) {
        try {
            AllocationService service = new AllocationService(options, memory, nodes, continuation);
            service.serve();
            LOG.info("allocation service at {}, memory nodes {}", options.socket(), service.factory.names());
            return service;
        } catch (IOException e) {
            throw new OutOfLocalResources(e, "the allocation service cannot start: " + e.getMessage());
        }
    }

    private void serve() {
        try {
            if (continuation != null) {
                restore(continuation);
            }
            threads.forEach(ServingThread::start);
            gate.start();
        } catch (RuntimeException | Error e) {
            stop(continuation != null); // what is written down is for the next attempt
            throw e;
        }
    }

    private void restore(Continuation from) {
        Restoration restoration = new Restoration(factory, from);
        restoration.restore(from.journal().found(), waiting);
        sessions.addAndGet(waiting.count() + restoration.over().size());
        for (Holdings holdings : restoration.over()) {
            courier.release(holdings, () -> {});
        }
        if (waiting.count() > 0) {
            LOG.info("{} sessions wait for their applications, {}", waiting.count(), options.reattachGrace());
            courier.later(options.reattachGrace().toMillis(), this::endWaiting);
        }
    }

    private void endWaiting() {
        for (Holdings holdings : waiting.takeAll()) {
            LOG.warn("{} has ended: its application did not come back", holdings);
            courier.release(holdings, () -> {});
        }
    }

    private OptionalInt processor(int thread) {
        List<Integer> all = options.processors();
        return all.isEmpty() ? OptionalInt.empty() : OptionalInt.of(all.get(thread % all.size()));
    }

    /** Sessions, those included whose blocks are being given back. */
    public int sessions() {
        return sessions.get();
    }

    private void admit(UnixSocket socket, Peer peer, Frame greeting, int descriptor) {
        if (greeting instanceof Frame.Reattach wanted) {
            reattach(socket, peer, wanted, descriptor);
        } else {
            admit(socket, peer, (Frame.Hello) greeting);
        }
    }

    private void admit(UnixSocket socket, Peer peer, Frame.Hello hello) {
        check(hello);
        if (sessions.incrementAndGet() > options.applications()) {
            sessions.decrementAndGet();
            throw new OutOfLocalResources(
                    "the allocation service has all the applications that it may have",
                    "applications",
                    options.applications());
        }
        try {
            Session session = open(socket, peer, hello);
            peersLog.info(session + " begins");
            leastLoaded().adopt(session);
        } catch (IOException e) {
            sessions.decrementAndGet();
            throw new OutOfLocalResources(
                    e,
                    "the allocation service cannot make a segment; is its limit of file descriptors (ulimit -n) reached?",
                    "cause",
                    e.getMessage());
        } catch (RuntimeException e) {
            sessions.decrementAndGet();
            throw e;
        }
    }

    /** The descriptor is closed in any case. */
    private void reattach(UnixSocket socket, Peer peer, Frame.Reattach wanted, int descriptor) {
        try (SharedSegment shared = SharedSegment.adoptSealed(descriptor, SegmentLayout.bytes(wanted.mailboxes()))) {
            Segment segment = Segment.open(shared.memory(), wanted.mailboxes());
            Holdings holdings = waiting.take(wanted.session(), wanted.token(), peer);
            try {
                Session session = new Session(peer, socket, segment, holdings);
                session.takeUp();
                if (!socket.send(FrameCodec.encode(factory.welcome(holdings, wanted.mailboxes())))) {
                    throw new IOException("the application's socket is full");
                }
                LOG.info("{} goes on", session);
                leastLoaded().adopt(session);
            } catch (IOException | RuntimeException e) {
                putBack(holdings);
                throw e;
            }
        } catch (IOException e) {
            throw new ProtocolViolation(e, "the session cannot be taken up again", "cause", e.getMessage());
        }
    }

    private void putBack(Holdings holdings) {
        if (holdings.log() != null && !waiting.putBack(holdings, holdings.log())) {
            courier.release(holdings, () -> {});
        }
    }

    private static void check(Frame.Hello hello) {
        if (hello.version() != SegmentLayout.VERSION) {
            throw new ProtocolViolation(
                    "application and allocation service are of different versions",
                    "application",
                    hello.version(),
                    "service",
                    SegmentLayout.VERSION);
        }
        if (hello.mailboxes() < 1) {
            throw new InvalidRequest("a session needs 1 or more mailboxes", "mailboxes", hello.mailboxes());
        }
        if (hello.application().isEmpty()
                || hello.application().chars().anyMatch(c -> Character.isISOControl(c) || c == '\'')) {
            throw new InvalidRequest("an application needs a name without control characters and quotes");
        }
    }

    private Session open(UnixSocket socket, Peer peer, Frame.Hello hello) throws IOException {
        int mailboxes = Math.min(hello.mailboxes(), options.mailboxes());
        try (SharedSegment shared = SharedSegment.create("finemem-segment", SegmentLayout.bytes(mailboxes))) {
            Segment segment = Segment.format(shared.memory(), mailboxes);
            Holdings holdings = factory.begin(peer.uid(), hello.application());
            try {
                if (!socket.send(FrameCodec.encode(factory.welcome(holdings, mailboxes)), shared)) {
                    throw new IOException("the application's socket is full");
                }
            } catch (IOException | RuntimeException e) {
                holdings.close();
                throw e;
            }
            return new Session(peer, socket, segment, holdings);
        }
    }

    private ServingThread leastLoaded() {
        ServingThread least = threads.get(0);
        for (ServingThread thread : threads) {
            least = thread.load() < least.load() ? thread : least;
        }
        return least;
    }

    /**
     * Stops serving and lets sessions go on with the next run of the service, if what they hold is written down; applications wait for
     * it. Otherwise as {@link #close}. Sessions that ended before are given back first. The owner is to be suspended, not closed.
     */
    public void suspend() {
        stop(continuation != null);
    }

    /** Ends all sessions and gives back what they held. Later calls do nothing. */
    @Override
    public void close() {
        stop(false);
    }

    private synchronized void stop(boolean keepSessions) {
        if (closed) {
            return;
        }
        closed = true;
        gate.close();
        threads.forEach(thread -> thread.close(keepSessions));
        if (!keepSessions) {
            endWaiting();
        }
        courier.close();
        file.close();
        peersLog.finish();
        if (continuation != null && !keepSessions) {
            continuation.journal().setTickets(List.of()); // the owner leaves: there is nobody to be resumed
        }
    }
}
