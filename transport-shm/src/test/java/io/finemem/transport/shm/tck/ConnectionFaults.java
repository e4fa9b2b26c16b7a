package io.finemem.transport.shm.tck;

import io.finemem.api.ProtocolViolation;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionState;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Faults of connections: states, completions, fences, releases. */
final class ConnectionFaults {
    private ConnectionFaults() {}

    /** A fence says that it holds, and does nothing. */
    static Fault fenceDoesNothing() {
        Set<Object> fenced = ConcurrentHashMap.newKeySet();
        return call -> {
            if (call.is(Connection.class, "fence")) {
                fenced.add(call.target());
                return null;
            }
            boolean pretended = call.is(Connection.class, "state") && fenced.contains(call.target());
            return pretended ? ConnectionState.CLOSED : call.proceed();
        };
    }

    /** A connection in error does not show it. */
    static Fault errorNotShown() {
        return call -> {
            Object result = call.proceed();
            return result == ConnectionState.ERROR ? ConnectionState.CONNECTED : result;
        };
    }

    /** A closed connection keeps its place in the device. */
    static Fault closeLeaks() {
        return call -> {
            if (!call.is(Connection.class, "close")) {
                return call.proceed();
            }
            ((Connection) call.target()).fence(1_000_000_000L);
            return null;
        };
    }

    /** One closed connection in 16 leaves something on the heap. */
    static Fault closeLeavesHeap() {
        List<byte[]> left = new CopyOnWriteArrayList<>();
        return afterClose(() -> left.add(new byte[64 << 10]));
    }

    /** One closed connection in 16 leaves an open descriptor. */
    static Fault closeLeavesDescriptors() {
        List<FileChannel> left = new CopyOnWriteArrayList<>();
        return afterClose(() -> left.add(FileChannel.open(Path.of("/dev/null"))));
    }

    private static Fault afterClose(Callable<?> leak) {
        AtomicInteger closed = new AtomicInteger();
        return call -> {
            Object result = call.proceed();
            if (call.is(Connection.class, "close") && closed.incrementAndGet() % 16 == 0) {
                leak.call();
            }
            return result;
        };
    }

    /** A malformed descriptor is taken for a good one. */
    static Fault malformedDescriptorAccepted() {
        return call -> {
            try {
                return call.proceed();
            } catch (ProtocolViolation e) {
                return null;
            }
        };
    }

    /** Two completions that are there at once change places. */
    static Fault completionsSwapped() {
        Map<Object, Object> held = new ConcurrentHashMap<>();
        return call -> {
            if (!call.is(Connection.class, "poll")) {
                return call.proceed();
            }
            Object waiting = held.remove(call.target());
            if (waiting != null) {
                return waiting;
            }
            Object first = call.proceed();
            Object second = first == null ? null : call.proceed();
            if (second != null) {
                held.put(call.target(), first);
            }
            return second == null ? first : second;
        };
    }

    /** A chain is reported as completed before it is posted; that happens when it is cleared. */
    static Fault completionBeforeExecution() {
        Map<Object, Object> reported = new ConcurrentHashMap<>();
        Map<Object, Object> toReport = new ConcurrentHashMap<>();
        return call -> {
            if (call.is(Connection.class, "submit")) {
                toReport.put(call.target(), call.arguments()[0]);
                reported.put(call.arguments()[0], call.target());
                return null;
            }
            if (call.is(Connection.class, "poll")) {
                return toReport.remove(call.target());
            }
            if (call.is(Connection.class, "chainsInFlight")) {
                return toReport.containsKey(call.target()) ? 1 : 0;
            }
            if (call.is(Chain.class, "status") && reported.containsKey(call.target())) {
                return CompletionStatus.SUCCESS;
            }
            if (call.is(Chain.class, "clear") && reported.containsKey(call.target())) {
                Connection late = (Connection) reported.remove(call.target());
                late.execute((Chain) call.target(), 1_000_000_000L);
            }
            return call.proceed();
        };
    }
}
