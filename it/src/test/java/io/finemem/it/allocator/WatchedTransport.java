package io.finemem.it.allocator;

import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

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
        return proxy(Transport.class, real);
    }

    private <T> T proxy(Class<T> type, T target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> call(target, method, arguments)));
    }

    private @Nullable Object call(Object target, Method method, Object @Nullable [] arguments) throws Throwable {
        if (target instanceof Connection && method.getName().equals("execute") && chains.getAndIncrement() == chosen) {
            action.run();
        }
        try {
            Object result = method.invoke(target, arguments);
            if (result instanceof ProtectionDomain domain) {
                return proxy(ProtectionDomain.class, domain);
            }
            return result instanceof Connection connection ? proxy(Connection.class, connection) : result;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
