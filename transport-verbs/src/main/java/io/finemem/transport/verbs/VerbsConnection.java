package io.finemem.transport.verbs;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionCounters;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.verbs.ffi.Errno;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A queue pair and the chains in flight on it.
 *
 * <p>Elements are numbered for the life of the connection. Only a chain's last element makes a completion when all is
 * well; after an error the device flushes every later element with a completion of its own. A chain is over when the
 * completion of its last element has come: only then will the device not touch its memory any more.
 *
 * <p>The posting thread owns everything here but {@code state}. The lifecycle lock is never taken by who is inside the
 * guard.
 */
final class VerbsConnection implements Connection {
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final VerbsDomain domain;
    private final ConnectionOptions options;
    private final QueuePair queuePair;
    private final WorkQueue workQueue;
    private final ConnectionCounters counters = new ConnectionCounters();
    private final NativeGuard guard = new NativeGuard();
    private final Object lifecycle = new Object();
    private final byte[] descriptor;
    private final @Nullable VerbsChain[] chains;
    private long oldestChain;
    private long nextChain;
    private long nextSequence;
    private int elementsInFlight;
    private boolean abandoned;
    private final AtomicReference<ConnectionState> state = new AtomicReference<>(ConnectionState.CREATED);

    private VerbsConnection(VerbsDomain domain, ConnectionOptions options, QueuePair queuePair) {
        this.domain = domain;
        this.options = options;
        this.queuePair = queuePair;
        this.descriptor = queuePair.descriptor().encode();
        int depth = options.maxElementsInFlight();
        this.chains = new VerbsChain[depth];
        this.workQueue = new WorkQueue(domain, queuePair, depth, counters);
    }

    static VerbsConnection create(VerbsDomain domain, ConnectionOptions options) {
        VerbsDevice device = domain.device();
        int wanted = options.maxElementsInFlight();
        if (wanted > device.queueDepth()) {
            throw new InvalidRequest(
                    "more elements in flight than a connection can have; see queue-depth of the transport",
                    "wanted",
                    wanted,
                    "max",
                    device.queueDepth());
        }
        int depth = wanted == 1 ? 1 : Integer.highestOneBit(wanted - 1) << 1;
        int access = AccessRights.flags(options.servedAccess());
        QueuePair queuePair = QueuePair.create(device, domain.pd(), depth, access);
        try {
            return new VerbsConnection(domain, options.withMaxElementsInFlight(depth), queuePair);
        } catch (RuntimeException e) {
            queuePair.destroy();
            throw e;
        }
    }

    VerbsDomain domain() {
        return domain;
    }

    long maxTransferBytes() {
        return domain.device().limits().transferBytes();
    }

    @Override
    public byte[] descriptor() {
        return descriptor.clone();
    }

    @Override
    public void connect(byte[] peerDescriptor) {
        ConnectionDescriptor peer = ConnectionDescriptor.decode(peerDescriptor);
        synchronized (lifecycle) {
            if (state.get() != ConnectionState.CREATED) {
                throw new InvalidRequest("only a new connection can be connected", "state", state.get());
            }
            queuePair.connect(peer, options.peerName());
            state.set(ConnectionState.CONNECTED);
        }
    }

    @Override
    public ConnectionState state() {
        return state.get();
    }

    @Override
    public ConnectionOptions options() {
        return options;
    }

    @Override
    public Chain newChain(int capacity) {
        if (state.get() == ConnectionState.CLOSED) {
            throw new InvalidRequest("the connection is closed", "peer", options.peerName());
        }
        if (capacity < 1 || capacity > options.maxElementsInFlight()) {
            throw new InvalidRequest(
                    "a chain holds 1 to maxElementsInFlight elements",
                    "capacity",
                    capacity,
                    "max",
                    options.maxElementsInFlight());
        }
        return new VerbsChain(this, capacity);
    }

    @Override
    public void submit(Chain chain) {
        if (chain.connection() != this) {
            throw new InvalidRequest("the chain belongs to another connection", "peer", options.peerName());
        }
        VerbsChain own = (VerbsChain) chain;
        own.requireSubmittable();
        if (state.get() != ConnectionState.CONNECTED || !guard.enter()) {
            throw notConnected();
        }
        try {
            post(own);
        } finally {
            guard.leave();
        }
    }

    private void post(VerbsChain chain) {
        int size = chain.size();
        if (elementsInFlight + size > chains.length) {
            throw new OutOfLocalResources(
                    "no room for the chain beside those in flight", "elements", size, "inFlight", elementsInFlight);
        }
        WindowElements windows = chain.windowElements();
        if (windows != null) {
            windows.prepare(size);
        }
        int error = workQueue.post(chain, nextSequence);
        if (error != 0) {
            abandon();
            if (windows != null) {
                windows.discardFrom(0, size);
            }
            throw new ConnectionLost(
                    "the device refused work requests", "peer", options.peerName(), "cause", Errno.describe(error));
        }
        chain.submitted(nextSequence);
        chains[slot(nextChain++)] = chain;
        nextSequence += size;
        elementsInFlight += size;
    }

    @Override
    public @Nullable Chain poll() {
        if (oldestChain == nextChain) {
            return null;
        }
        if (guard.enter()) {
            try {
                return abandoned ? flushOldest() : takeCompletion();
            } finally {
                guard.leave();
            }
        }
        return state.get() == ConnectionState.CLOSED ? flushOldest() : null;
    }

    private @Nullable VerbsChain takeCompletion() {
        while (workQueue.poll()) {
            VerbsChain oldest = oldest();
            int element = (int) (workQueue.sequence() - oldest.firstSequence());
            int status = workQueue.status();
            if (status != 0 && state.get() == ConnectionState.CONNECTED) {
                fail(CompletionCodes.status(status), element);
            }
            if (element == oldest.size() - 1) {
                return finish(oldest);
            }
        }
        return null;
    }

    private VerbsChain finish(VerbsChain chain) {
        if (chain.willSucceed()) {
            workQueue.copyWords(chain);
        }
        chain.completed();
        counters.countCompletion();
        elementsInFlight -= chain.size();
        chains[slot(oldestChain++)] = null;
        return chain;
    }

    /** The first failed completion: says how every chain in flight will end, and stops the queue pair for certain. */
    private void fail(CompletionStatus status, int element) {
        setError();
        queuePair.toError();
        boolean blamed = status != CompletionStatus.FLUSHED;
        oldest().willEnd(status, blamed ? element : -1);
        for (long i = oldestChain + 1; i < nextChain; i++) {
            chainAt(i).willEnd(CompletionStatus.FLUSHED, -1);
        }
        takeBackWindows(element, status == CompletionStatus.WINDOW_BIND_ERROR);
    }

    /** Ends rkeys of binds whose outcome is unknown; a bind that the device blames was not executed. */
    private void takeBackWindows(int element, boolean bindFailed) {
        for (long i = nextChain - 1; i > oldestChain; i--) {
            discardWindows(chainAt(i), 0);
        }
        VerbsChain oldest = oldest();
        discardWindows(oldest, bindFailed ? element + 1 : element);
        WindowElements windows = oldest.windowElements();
        if (bindFailed && windows != null) {
            windows.undo(element);
        }
    }

    private static void discardWindows(VerbsChain chain, int element) {
        WindowElements windows = chain.windowElements();
        if (windows != null) {
            windows.discardFrom(element, chain.size());
        }
    }

    /** Part of a chain may be posted: nothing more is to be expected of this queue pair. */
    private void abandon() {
        setError();
        queuePair.toError();
        for (long i = oldestChain; i < nextChain; i++) {
            discardWindows(chainAt(i), 0);
        }
        abandoned = true;
    }

    private VerbsChain flushOldest() {
        VerbsChain oldest = oldest();
        if (oldest.willSucceed()) {
            oldest.willEnd(CompletionStatus.FLUSHED, -1);
        }
        return finish(oldest);
    }

    private void setError() {
        state.compareAndSet(ConnectionState.CONNECTED, ConnectionState.ERROR);
    }

    @Override
    public int chainsInFlight() {
        return (int) (nextChain - oldestChain);
    }

    @Override
    public ConnectionCounters counters() {
        return counters;
    }

    @Override
    public void fence(long timeoutNanos) {
        synchronized (lifecycle) {
            if (state.get() == ConnectionState.CLOSED) {
                return;
            }
            queuePair.toError();
            if (!guard.close(System.nanoTime() + timeoutNanos)) {
                throw new OperationTimeout(
                        "the connection is still being used by another thread",
                        "peer",
                        options.peerName(),
                        "millis",
                        TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
            }
            queuePair.destroy();
            for (long i = oldestChain; i < nextChain; i++) {
                discardWindows(chainAt(i), 0);
            }
            workQueue.release();
            VarHandle.fullFence();
            state.set(ConnectionState.CLOSED);
        }
        domain.forget(this);
    }

    @Override
    public void close() {
        fence(CLOSE_NANOS);
    }

    private VerbsChain oldest() {
        return chainAt(oldestChain);
    }

    private VerbsChain chainAt(long number) {
        VerbsChain chain = chains[slot(number)];
        if (chain == null) {
            throw new IllegalStateException("no chain in flight at " + number);
        }
        return chain;
    }

    private int slot(long chain) {
        return (int) chain & chains.length - 1;
    }

    private ConnectionLost notConnected() {
        return new ConnectionLost("the connection is not connected", "peer", options.peerName(), "state", state.get());
    }
}
