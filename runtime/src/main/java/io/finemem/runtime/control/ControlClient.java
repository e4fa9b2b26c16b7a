package io.finemem.runtime.control;

import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.HeartbeatReply;
import io.finemem.allocator.control.JournalSegment;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.NodeStatistics;
import io.finemem.allocator.control.OwnerGrant;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.control.PoolReport;
import io.finemem.allocator.control.ResumableGrant;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.control.ResumedGrant;
import io.finemem.allocator.control.ServedEnd;
import io.finemem.api.AuthenticationFailed;
import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OperationTimeout;
import io.finemem.api.ProtocolViolation;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A memory node in another process. The session lives as long as the connection: when that fails, this session is
 * over, the
 * memory node fences the owner, and every later call throws {@link MemoryNodeLost}.
 *
 * <p>Every call ends within {@link ControlTimeouts#call()}; a call that finds another one under way waits for that
 * one first.
 */
public final class ControlClient implements MemoryNodeControl {
    private static final Logger LOG = LoggerFactory.getLogger(ControlClient.class);
    private static final int HEARTBEATS_PER_TIMEOUT = 4;
    private static final long RETRY_PAUSE_MILLIS = 20;

    private final InetSocketAddress address;
    private final SecureChannel channel;
    private final ControlTimeouts timeouts;
    private final ReentrantLock turn = new ReentrantLock();
    private final Thread heartbeat;
    private final Object ending = new Object();
    private volatile boolean closed;
    private @Nullable FineMemException broken;

    private ControlClient(
            InetSocketAddress address, SecureChannel channel, ControlTimeouts timeouts, Duration heartbeatInterval) {
        this.address = address;
        this.channel = channel;
        this.timeouts = timeouts;
        heartbeat = new Thread(() -> beat(heartbeatInterval), "finemem-heartbeat-" + text(address));
        heartbeat.setDaemon(true);
    }

    /**
     * Opens a session.
     *
     * @param peerName who this is, for the memory node's log; see {@link NodeName}
     * @throws io.finemem.api.AuthenticationFailed if the secrets differ, or a certificate is not believed
     * @throws ProtocolViolation if the other side speaks another version, or something else altogether
     * @throws MemoryNodeLost if nobody answers within the time limit
     * @throws InvalidConfiguration if the host does not exist
     */
    public static ControlClient connect(
            InetSocketAddress address, ControlSecurity security, String peerName, ControlTimeouts timeouts) {
        if (address.isUnresolved()) {
            throw new InvalidConfiguration(
                    "there is no host named " + address.getHostString() + "; check finemem.client.memory-nodes");
        }
        Deadline deadline = Deadline.after(timeouts.connect());
        SecureChannel channel = openChannel(address, security, deadline);
        try {
            Duration interval = sayHello(channel, peerName, timeouts, deadline);
            ControlClient client = new ControlClient(address, channel, timeouts, interval);
            client.heartbeat.start();
            return client;
        } catch (IOException e) {
            closeQuietly(channel);
            throw lost(address, e);
        } catch (RuntimeException e) {
            closeQuietly(channel);
            throw e;
        }
    }

    @Override
    public PoolDescription describe() {
        return own(
                call(new ControlRequest.Describe(), ControlResponse.Pool.class).pool());
    }

    @Override
    public OwnerGrant register() {
        return call(new ControlRequest.Register(), ControlResponse.Granted.class)
                .grant();
    }

    @Override
    public ResumableGrant registerResumable() {
        return call(new ControlRequest.RegisterResumable(), ControlResponse.Resumable.class)
                .grant();
    }

    @Override
    public ResumedGrant resume(int ownerId, ResumeToken token) {
        return call(new ControlRequest.Resume(ownerId, token), ControlResponse.Resumed.class)
                .grant();
    }

    @Override
    public JournalSegment growJournal() {
        return call(new ControlRequest.GrowJournal(), ControlResponse.Grown.class)
                .segment();
    }

    @Override
    public ServedEnd connect(ConnectionPurpose purpose, byte[] descriptor) {
        return call(new ControlRequest.Connect(purpose, descriptor), ControlResponse.Connected.class)
                .end();
    }

    @Override
    public void disconnect(int connection) {
        call(new ControlRequest.Disconnect(connection), ControlResponse.Done.class);
    }

    @Override
    public HeartbeatReply heartbeat(long settled) {
        return call(new ControlRequest.Heartbeat(settled), ControlResponse.Alive.class)
                .reply();
    }

    @Override
    public int[] resolve(int[] slots) {
        return call(new ControlRequest.Resolve(slots), ControlResponse.Resolved.class)
                .slots();
    }

    @Override
    public void leave() {
        call(new ControlRequest.Leave(), ControlResponse.Done.class);
    }

    @Override
    public AuditReport audit() {
        return call(new ControlRequest.Audit(), ControlResponse.Audited.class).report();
    }

    @Override
    public PoolReport inspect() {
        PoolReport report = call(new ControlRequest.Inspect(), ControlResponse.Inspected.class)
                .report();
        own(report.pool());
        return report;
    }

    /** Refuses a pool whose name is not that which the other side has proved to have. */
    private PoolDescription own(PoolDescription pool) {
        channel.identity().filter(proved -> !proved.equals(pool.memoryNode())).ifPresent(proved -> {
            throw new AuthenticationFailed("the memory node at " + text(address) + " calls itself " + pool.memoryNode()
                    + ", and its certificate is that of " + proved
                    + "; the common name must be the name of the memory node");
        });
        return pool;
    }

    @Override
    public NodeStatistics statistics() {
        return call(new ControlRequest.Statistics(), ControlResponse.Counted.class)
                .statistics();
    }

    @Override
    public NodeStatistics drain(boolean drain) {
        return call(new ControlRequest.Drain(drain), ControlResponse.Counted.class)
                .statistics();
    }

    @Override
    public void stop() {
        call(new ControlRequest.Stop(), ControlResponse.Done.class);
    }

    /** Ends the session and waits, within the time limit of a call, until the memory node has ended it too. */
    @Override
    public void close() {
        turn.lock();
        try {
            if (closed) {
                return;
            }
            if (broken == null) {
                sayBye();
            }
            closed = true;
        } finally {
            turn.unlock();
        }
        closeQuietly(channel);
        synchronized (ending) {
            ending.notifyAll();
        }
    }

    private void sayBye() {
        try {
            call(new ControlRequest.Bye(), ControlResponse.Done.class);
        } catch (FineMemException e) {
            LOG.info("the memory node did not confirm the end of the session, it will notice: {}", e.getMessage());
        }
    }

    private <R extends ControlResponse> R call(ControlRequest request, Class<R> expected) {
        byte[] message = ControlCodec.encode(request);
        turn.lock();
        try {
            requireUsable();
            return exchange(message, expected);
        } finally {
            turn.unlock();
        }
    }

    private <R extends ControlResponse> R exchange(byte[] message, Class<R> expected) {
        ControlResponse response;
        try {
            Deadline deadline = Deadline.after(timeouts.call());
            channel.send(message, deadline);
            response = ControlCodec.decodeResponse(channel.receive(deadline));
        } catch (SocketTimeoutException e) {
            throw broken(new OperationTimeout(
                    e,
                    "the memory node did not answer in time; its session is given up",
                    "node",
                    text(address),
                    "limit",
                    timeouts.call()));
        } catch (IOException e) {
            throw broken(lost(address, e));
        } catch (ProtocolViolation e) {
            throw broken(e);
        }
        if (response instanceof ControlResponse.Failed failed) {
            throw failed.code() == ErrorCode.CLOSED
                    ? new MemoryNodeLost(failed.text()) // it is closing, not what our caller uses
                    : RemoteFailure.of(failed.code(), failed.text());
        }
        if (!expected.isInstance(response)) {
            throw broken(new ProtocolViolation(
                    "the memory node gave an answer to another question",
                    "node",
                    text(address),
                    "answer",
                    response.getClass().getSimpleName()));
        }
        return expected.cast(response);
    }

    private void requireUsable() {
        if (closed) {
            // An owner that joins anew closes the session before: to what still uses that one its memory node is lost.
            throw new MemoryNodeLost("the control session is closed", "node", text(address));
        }
        if (broken != null) {
            throw new MemoryNodeLost(broken, "the control session failed before: " + broken.getMessage());
        }
    }

    private FineMemException broken(FineMemException failure) {
        broken = failure;
        closeQuietly(channel);
        return failure;
    }

    /** While a call is under way nothing needs to be said. */
    private void beat(Duration interval) {
        while (pause(interval)) {
            if (!turn.tryLock()) {
                continue;
            }
            try {
                if (closed || broken != null) {
                    return;
                }
                exchange(ControlCodec.encode(new ControlRequest.Ping()), ControlResponse.Done.class);
            } catch (FineMemException e) {
                LOG.warn("memory node {} is lost: {}", text(address), e.getMessage());
                return;
            } finally {
                turn.unlock();
            }
        }
    }

    private boolean pause(Duration interval) {
        try {
            synchronized (ending) {
                if (!closed) {
                    TimeUnit.MILLISECONDS.timedWait(ending, interval.toMillis());
                }
                return !closed;
            }
        } catch (InterruptedException e) {
            return false;
        }
    }

    private static SecureChannel openChannel(InetSocketAddress address, ControlSecurity security, Deadline deadline) {
        while (true) {
            try {
                return tryOpenChannel(address, security, deadline);
            } catch (ConnectException | SocketTimeoutException e) {
                throw lost(address, e);
            } catch (IOException e) {
                // Busy, or dropped in favour of a newer connection: there may be room in a moment.
                if (deadline.remainingMillis() <= RETRY_PAUSE_MILLIS) {
                    throw lost(address, e);
                }
                pauseBeforeRetry(address);
            }
        }
    }

    private static SecureChannel tryOpenChannel(InetSocketAddress address, ControlSecurity security, Deadline deadline)
            throws IOException {
        TimedSocket socket = TimedSocket.connect(address, deadline);
        try {
            return ControlHandshake.asClient(socket, security, deadline);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static void pauseBeforeRetry(InetSocketAddress address) {
        try {
            Thread.sleep(RETRY_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MemoryNodeLost(e, "interrupted while connecting", "node", text(address));
        }
    }

    private static Duration sayHello(
            SecureChannel channel, String peerName, ControlTimeouts timeouts, Deadline deadline) throws IOException {
        channel.send(ControlCodec.encode(new ControlRequest.Hello(peerName)), deadline);
        ControlResponse response = ControlCodec.decodeResponse(channel.receive(deadline));
        if (response instanceof ControlResponse.Failed failed) {
            throw failed.code() == ErrorCode.CLOSED
                    ? new MemoryNodeLost(failed.text()) // it is closing, not what our caller uses
                    : RemoteFailure.of(failed.code(), failed.text());
        }
        if (response instanceof ControlResponse.Welcome welcome) {
            Duration wanted = Duration.ofMillis(Math.max(1, welcome.peerTimeoutMillis() / HEARTBEATS_PER_TIMEOUT));
            return wanted.compareTo(timeouts.heartbeat()) < 0 ? wanted : timeouts.heartbeat();
        }
        throw new ProtocolViolation("the memory node did not answer the hello with a welcome");
    }

    private static MemoryNodeLost lost(InetSocketAddress address, IOException e) {
        return new MemoryNodeLost(
                e,
                "the memory node at " + text(address) + " does not answer: " + e.getMessage()
                        + "; is it running, and is the address right?");
    }

    private static String text(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }

    private static void closeQuietly(SecureChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("closing a control connection failed", e);
        }
    }
}
