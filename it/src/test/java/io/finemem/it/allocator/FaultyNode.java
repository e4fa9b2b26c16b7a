package io.finemem.it.allocator;

import static io.finemem.it.allocator.Intercepted.invoke;
import static io.finemem.it.allocator.Intercepted.proxy;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The transport of a memory node whose own loop-back connections fail at chosen chains, before these were executed or after
 * it. Owners use the real transport.
 */
final class FaultyNode {
    private final Transport real;
    private final AtomicInteger chains = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private volatile int first = -1;
    private volatile int last = -1;
    private volatile boolean executed;

    FaultyNode(Transport real) {
        this.real = real;
    }

    /** So many chains fail, after so many more that do not. */
    void failAt(int chainsFromNow, int count, boolean afterExecution) {
        executed = afterExecution;
        int now = chains.get();
        last = now + chainsFromNow + count - 1;
        first = now + chainsFromNow;
    }

    /** No chain fails any more. */
    void recover() {
        first = -1;
        last = -1;
    }

    /** Chains that failed. */
    int failures() {
        return failures.get();
    }

    Transport transport() {
        return proxy(Transport.class, real, (method, arguments) -> {
            Object result = invoke(real, method, arguments);
            return result instanceof ProtectionDomain domain ? domain(domain) : result;
        });
    }

    private ProtectionDomain domain(ProtectionDomain domain) {
        return proxy(ProtectionDomain.class, domain, (method, arguments) -> {
            Object result = invoke(domain, method, arguments);
            if (result instanceof MemoryRegion region) {
                return region(region, domain);
            }
            return result instanceof Connection connection ? connection(connection) : result;
        });
    }

    private MemoryRegion region(MemoryRegion region, ProtectionDomain domain) {
        ProtectionDomain faulty = domain(domain);
        return proxy(
                MemoryRegion.class,
                region,
                (method, arguments) -> method.getName().equals("domain") ? faulty : invoke(region, method, arguments));
    }

    private Connection connection(Connection connection) {
        return proxy(Connection.class, connection, (method, arguments) -> {
            if (!method.getName().equals("execute")) {
                Object result = invoke(connection, method, arguments);
                return result instanceof Chain chain
                        ? proxy(Chain.class, chain, (step, words) -> invoke(chain, step, words))
                        : result;
            }
            int number = chains.getAndIncrement();
            if (number < first || number > last) {
                return invoke(connection, method, arguments);
            }
            if (executed) {
                invoke(connection, method, arguments);
            }
            failures.incrementAndGet();
            connection.close();
            return CompletionStatus.FLUSHED;
        });
    }
}
