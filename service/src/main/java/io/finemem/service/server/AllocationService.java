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
    private final RemoteMemory memory;
    private final Supplier<List<NodeControl>> nodes;
    private final OccasionalLog peersLog = new OccasionalLog(LOG, LOG_INTERVAL, LOG_LINES);
    private final Accounts accounts;
    private final Courier courier;
    private final List<ServingThread> threads = new ArrayList<>();
    private final AtomicInteger sessions = new AtomicInteger();
    private final SocketFile file;
    private final Gate gate;
    private long lastSession;
    private boolean closed;

    private AllocationService(ServiceOptions options, RemoteMemory memory, Supplier<List<NodeControl>> nodes)
            throws IOException {
        this.options = options;
        this.memory = memory;
        this.nodes = nodes;
        this.accounts = new Accounts(options.quotas());
        this.courier = new Courier(memory, session -> sessions.decrementAndGet());
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
                opened.push(thread::close);
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
     * Starts serving.
     *
     * @param memory the owner that allocates, opened by this process; not closed by the service, and to be closed after it
     * @param nodes the owner's sessions with its memory nodes, as {@link io.finemem.allocator.FineMemAllocator#controls()} gives them;
     *     more may come
     * @throws InvalidConfiguration if the socket's path cannot be used
     */
    public static AllocationService open(
            ServiceOptions options, RemoteMemory memory, Supplier<List<NodeControl>> nodes) {
        try {
            AllocationService service = new AllocationService(options, memory, nodes);
            service.threads.forEach(ServingThread::start);
            service.gate.start();
            LOG.info("allocation service at {}, memory nodes {}", options.socket(), service.names());
            return service;
        } catch (IOException e) {
            throw new OutOfLocalResources(e, "the allocation service cannot start: " + e.getMessage());
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
        long id = ++lastSession;
        try (SharedSegment shared = SharedSegment.create("finemem-" + id, SegmentLayout.bytes(mailboxes))) {
            Segment segment = Segment.format(shared.memory(), mailboxes);
            Frame.Welcome welcome = new Frame.Welcome(
                    SegmentLayout.VERSION,
                    mailboxes,
                    id,
                    memory.maxBlockBytes(),
                    Math.toIntExact(options.requestTimeout().toMillis()),
                    names());
            if (!socket.send(FrameCodec.encode(welcome), shared)) {
                throw new IOException("the application's socket is full");
            }
            Accounts.Holding holding = accounts.open(peer.uid(), hello.application());
            return new Session(
                    id,
                    hello.application(),
                    peer,
                    socket,
                    segment,
                    new SessionRequests(memory, holding),
                    new DataConnections(nodes, options.dataConnections()));
        }
    }

    private List<String> names() {
        return nodes.get().stream()
                .limit(Frame.MAX_NODES)
                .map(NodeControl::memoryNode)
                .toList();
    }

    private ServingThread leastLoaded() {
        ServingThread least = threads.get(0);
        for (ServingThread thread : threads) {
            least = thread.load() < least.load() ? thread : least;
        }
        return least;
    }

    /** Ends all sessions and gives back what they held. Later calls do nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        gate.close();
        threads.forEach(ServingThread::close);
        courier.close();
        file.close();
        peersLog.finish();
    }
}
