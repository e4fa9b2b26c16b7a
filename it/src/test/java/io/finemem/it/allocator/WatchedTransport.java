package io.finemem.it.allocator;

import static io.finemem.it.allocator.Intercepted.invoke;
import static io.finemem.it.allocator.Intercepted.proxy;

import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.Transport;
import java.util.concurrent.atomic.AtomicInteger;

/** A transport that runs an action before a chosen chain, in the thread that executes the chain. */
final class WatchedTransport {
    private final Transport real;
    private final AtomicInteger chains = new AtomicInteger();
    private volatile int chosen = -1;
    private volatile Runnable action = () -> {};

    WatchedTransport(Transport real) {
        this.real = real;
    }

    /** Before the chain after that many more. */
    void before(int chainsFromNow, Runnable what) {
        action = what;
        chosen = chains.get() + chainsFromNow;
    }

    /** Chains executed so far. */
    int chains() {
        return chains.get();
    }

    Transport transport() {
        return Intercepted.transport(
                real,
                connection -> proxy(Connection.class, connection, (method, arguments) -> {
                    if (method.getName().equals("execute") && chains.getAndIncrement() == chosen) {
                        action.run();
                    }
                    return invoke(connection, method, arguments);
                }));
    }
}
