package io.finemem.transport.shm;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionCounters;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.ProtectionDomain;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One end: a queue of chains, executed by a {@link Requester} in posting order. */
final class ShmConnection implements Connection {
    private final ShmDomain domain;
    private final ConnectionOptions options;
    private final End own;
    private final @Nullable ShmChain[] queue;
    private final int queueMask;
    private final ConnectionCounters counters = new ConnectionCounters();

    /** Written under the monitor, before this end is {@code CONNECTED}. */
    private volatile @Nullable End peer;

    private volatile @Nullable Requester requester;
    private boolean released;

    // Of the thread that posts and polls: chains are counted from 0, first <= next <= end.
    private long first;
    private long next;
    private long end;
    private int elementsInFlight;

    ShmConnection(ShmDomain domain, ConnectionOptions options, End own) {
        this.domain = domain;
        this.options = options;
        this.own = own;
        int room = options.maxElementsInFlight();
        this.queue = new @Nullable ShmChain[room == 1 ? 1 : Integer.highestOneBit(room - 1) << 1];
        this.queueMask = queue.length - 1;
    }

    ProtectionDomain domain() {
        return domain;
    }

    @Override
    public byte[] descriptor() {
        Fabric fabric = domain.shm().fabric();
        return new Descriptor(fabric.path(), fabric.nonce(), own.slot(), own.incarnation()).encode();
    }

    @Override
    public synchronized void connect(byte[] peerDescriptor) {
        requireCreated();
        Descriptor descriptor = Descriptor.decode(peerDescriptor);
        FabricView view = domain.shm().peers().acquire(descriptor);
        try {
            connect(view, descriptor);
        } catch (RuntimeException e) {
            domain.shm().peers().release(view);
            throw e;
        }
    }

    private void connect(FabricView view, Descriptor descriptor) {
        if (descriptor.slot() < 0 || descriptor.slot() >= view.maxConnections()) {
            throw new ConnectionLost("the peer has no such end", "slot", descriptor.slot(), "path", view.name());
        }
        End other = new End(view, descriptor.slot(), descriptor.incarnation());
        boolean free = other.is(End.CREATED) || other.is(End.CONNECTED) && other.peer() == own.incarnation();
        boolean itself = view == own.view() && other.incarnation() == own.incarnation();
        if (!free && !itself) {
            throw new ConnectionLost(
                    "the peer's end was closed or is connected to another",
                    "state",
                    other.state(),
                    "path",
                    view.name());
        }
        peer = other;
        requester = new Requester(own, other, domain, domain.shm().settings().connectMillis());
        own.setPeer(other.incarnation());
        domain.addRequester(other);
        if (!own.change(End.CREATED, End.CONNECTED)) {
            domain.removeRequester(other);
            peer = null;
            requireCreated();
        }
    }

    private void requireCreated() {
        if (!own.is(End.CREATED)) {
            throw new InvalidRequest("connect() needs an end that is CREATED", "state", state());
        }
    }

    @Override
    public ConnectionState state() {
        return own.state();
    }

    @Override
    public ConnectionOptions options() {
        return options;
    }

    @Override
    public Chain newChain(int capacity) {
        if (capacity < 1 || capacity > options.maxElementsInFlight()) {
            throw new InvalidRequest(
                    "the capacity of a chain must be 1 up to the room of its connection",
                    "capacity",
                    capacity,
                    "maxElementsInFlight",
                    options.maxElementsInFlight());
        }
        return new ShmChain(this, capacity);
    }

    @Override
    public void submit(Chain chain) {
        if (!(chain instanceof ShmChain posted) || posted.connection() != this) {
            throw new InvalidRequest("the chain is not one of this connection", "chain", chain);
        }
        posted.requirePostable();
        Requester ready = requester;
        if (ready == null || !own.is(End.CONNECTED)) {
            throw new ConnectionLost("the connection is not CONNECTED", "state", state(), "peer", options.peerName());
        }
        if (posted.size() > options.maxElementsInFlight() - elementsInFlight) {
            throw new OutOfLocalResources(
                    "no room for the chain; poll first, or give the connection more room",
                    "elements",
                    posted.size(),
                    "inFlight",
                    elementsInFlight,
                    "maxElementsInFlight",
                    options.maxElementsInFlight());
        }
        count(posted);
        posted.post();
        queue[(int) end & queueMask] = posted;
        elementsInFlight += posted.size();
        end++;
        advance(ready);
    }

    private void count(ShmChain chain) {
        counters.countDoorbell();
        for (int i = 0; i < chain.size(); i++) {
            counters.count(chain.operation(i));
        }
    }

    /** Executes what has been posted, in order, until something must wait. */
    private void advance(Requester ready) {
        while (next != end) {
            ShmChain chain = queue[(int) next & queueMask];
            if (chain == null || !ready.run(chain)) {
                return;
            }
            next++;
        }
    }

    @Override
    public @Nullable Chain poll() {
        Requester ready = requester;
        if (first == end || ready == null) {
            return null;
        }
        if (first == next) {
            advance(ready);
        }
        if (first == next) {
            return null;
        }
        int index = (int) first & queueMask;
        ShmChain chain = queue[index];
        queue[index] = null;
        first++;
        if (chain != null) {
            elementsInFlight -= chain.size();
            counters.countCompletion();
            chain.deliver();
        }
        return chain;
    }

    @Override
    public int chainsInFlight() {
        return (int) (end - first);
    }

    @Override
    public ConnectionCounters counters() {
        return counters;
    }

    @Override
    public void fence(long timeoutNanos) {
        long deadline = System.nanoTime() + timeoutNanos;
        own.shut();
        End other = peer;
        if (other != null && !Quiescence.await(other, deadline)) {
            throw new OperationTimeout(
                    "an operation of the peer is still under way; fence again",
                    "peer",
                    options.peerName(),
                    "millis",
                    TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
        }
    }

    @Override
    public synchronized void close() {
        if (released) {
            return;
        }
        released = true;
        long closeNanos = TimeUnit.MILLISECONDS.toNanos(domain.shm().settings().closeMillis());
        long deadline = System.nanoTime() + closeNanos;
        try {
            fence(closeNanos);
        } catch (OperationTimeout e) {
            End other = peer;
            if (other != null) {
                other.linger();
            }
            throw e;
        } finally {
            release(deadline);
        }
    }

    /** An end whose own chain cannot be ended keeps its slot; that needs a thread that is stuck in {@link #submit}. */
    private void release(long deadline) {
        boolean retired = Quiescence.await(own::retire, deadline);
        domain.remove(this, own);
        if (retired) {
            domain.shm().fabric().free(own);
        }
        End other = peer;
        if (other == null) {
            return;
        }
        if (!other.lingers()) {
            domain.removeRequester(other);
        }
        domain.shm().peers().release(other.view());
    }

    @Override
    public String toString() {
        return "connection to " + options.peerName() + " (" + state() + ")";
    }
}
