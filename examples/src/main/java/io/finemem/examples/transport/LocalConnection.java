package io.finemem.examples.transport;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.ProtocolViolation;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionCounters;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ConnectionState;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** One end. A chain executes when it is submitted; its completion waits in a queue until it is polled. */
final class LocalConnection implements Connection {
    private static final long MAGIC = 0x6578_616D_706C_6531L;
    private static final int DESCRIPTOR_BYTES = 3 * Long.BYTES;

    final LocalDomain domain;
    final long number = LocalTransport.NUMBERS.incrementAndGet();
    private final ConnectionOptions options;
    private final ConnectionCounters counters = new ConnectionCounters();
    private final Queue<LocalChain> done = new ArrayDeque<>();
    private int elementsInFlight;
    private volatile ConnectionState state = ConnectionState.CREATED;
    private @Nullable LocalConnection peer;

    LocalConnection(LocalDomain domain, ConnectionOptions options) {
        this.domain = domain;
        this.options = options;
    }

    @Override
    public byte[] descriptor() {
        return ByteBuffer.allocate(DESCRIPTOR_BYTES)
                .putLong(MAGIC)
                .putLong(ProcessHandle.current().pid())
                .putLong(number)
                .array();
    }

    @Override
    public void connect(byte[] peerDescriptor) {
        ByteBuffer from = ByteBuffer.wrap(peerDescriptor);
        if (peerDescriptor.length != DESCRIPTOR_BYTES || from.getLong() != MAGIC) {
            throw new ProtocolViolation("not a descriptor of this transport", "bytes", peerDescriptor.length);
        }
        synchronized (LocalTransport.LOCK) {
            if (state != ConnectionState.CREATED) {
                throw new InvalidRequest("an end is connected once", "state", state);
            }
            boolean here = from.getLong() == ProcessHandle.current().pid();
            peer = here ? LocalTransport.ENDS.get(from.getLong()) : null;
            if (peer == null) {
                throw new ConnectionLost("the peer's end is not in this process, or is gone");
            }
            state = ConnectionState.CONNECTED;
        }
    }

    @Override
    public void submit(Chain chain) {
        if (!(chain instanceof LocalChain mine)
                || mine.connection() != this
                || mine.closed
                || mine.size() == 0
                || mine.status == CompletionStatus.IN_FLIGHT) {
            throw new InvalidRequest("the chain is empty, closed, in flight, or of another connection");
        }
        if (elementsInFlight + mine.size() > options.maxElementsInFlight()) {
            throw new OutOfLocalResources("no room for the chain's elements", "inFlight", elementsInFlight);
        }
        synchronized (LocalTransport.LOCK) {
            if (state != ConnectionState.CONNECTED) {
                throw new ConnectionLost("the connection is not connected", "state", state);
            }
            mine.failed = -1;
            mine.outcome = execute(mine);
            if (mine.outcome != CompletionStatus.SUCCESS) {
                state = ConnectionState.ERROR;
            }
        }
        mine.status = CompletionStatus.IN_FLIGHT;
        mine.elements.forEach(element -> counters.count(element.operation()));
        counters.countDoorbell();
        elementsInFlight += mine.size();
        done.add(mine);
    }

    private CompletionStatus execute(LocalChain chain) {
        if (peer == null || peer.state != ConnectionState.CONNECTED || peer.peer != this) {
            return CompletionStatus.PEER_UNREACHABLE;
        }
        for (int i = 0; i < chain.size(); i++) {
            LocalChain.Element element = chain.elements.get(i);
            LocalRegion region = peer.serving(element);
            boolean localGone = element.local() != null && !element.local().covers(element.offset(), element.length());
            if (region == null || localGone) {
                chain.failed = i;
                return localGone ? CompletionStatus.LOCAL_ERROR : CompletionStatus.REMOTE_ACCESS_ERROR;
            }
            chain.execute(i, region);
        }
        return CompletionStatus.SUCCESS;
    }

    /** The region that the element may use, or null: rule R7. */
    private @Nullable LocalRegion serving(LocalChain.Element element) {
        LocalRegion region = domain.keys.get(element.rkey());
        Access needed =
                switch (element.operation()) {
                    case READ -> Access.REMOTE_READ;
                    case WRITE -> Access.REMOTE_WRITE;
                    default -> Access.REMOTE_ATOMIC;
                };
        boolean allowed = region != null
                && region.access.contains(needed)
                && options.servedAccess().contains(needed)
                && region.covers(element.address() - region.address(), element.length());
        return allowed ? region : null;
    }

    @Override
    public @Nullable Chain poll() {
        LocalChain chain = done.poll();
        if (chain != null) {
            elementsInFlight -= chain.size();
            chain.status = chain.outcome;
            counters.countCompletion();
        }
        return chain;
    }

    @Override
    public void fence(long timeoutNanos) {
        synchronized (LocalTransport.LOCK) {
            state = ConnectionState.CLOSED;
            LocalTransport.ENDS.remove(number);
            domain.held.remove(this);
        }
    }

    @Override
    public void close() {
        fence(0);
    }

    @Override
    public Chain newChain(int capacity) {
        if (state == ConnectionState.CLOSED || capacity < 1 || capacity > options.maxElementsInFlight()) {
            throw new InvalidRequest("capacity out of range, or the end is closed", "capacity", capacity);
        }
        return new LocalChain(this, capacity);
    }

    @Override
    public ConnectionState state() {
        return state;
    }

    @Override
    public ConnectionOptions options() {
        return options;
    }

    @Override
    public int chainsInFlight() {
        return done.size();
    }

    @Override
    public ConnectionCounters counters() {
        return counters;
    }
}
