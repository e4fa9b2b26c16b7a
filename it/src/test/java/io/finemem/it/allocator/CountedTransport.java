package io.finemem.it.allocator;

import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A transport that remembers its connections, so that a test can add up what was posted on them. */
final class CountedTransport {
    private final Transport real;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();

    CountedTransport(Transport real) {
        this.real = real;
    }

    /** What was posted on all connections so far. */
    Posted posted() {
        long doorbells = 0;
        long verbs = 0;
        for (Connection connection : connections) {
            doorbells += connection.counters().doorbells();
            verbs += connection.counters().posted();
        }
        return new Posted(doorbells, verbs);
    }

    /** Chains and their elements. */
    record Posted(long doorbells, long verbs) {
        Posted since(Posted before) {
            return new Posted(doorbells - before.doorbells, verbs - before.verbs);
        }
    }

    Transport transport() {
        return proxy(Transport.class, real);
    }

    private <T> T proxy(Class<T> type, T target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> watched(invoke(target, method, arguments))));
    }

    private @Nullable Object watched(@Nullable Object result) {
        if (result instanceof Connection connection) {
            connections.add(connection);
        }
        return result instanceof ProtectionDomain domain ? proxy(ProtectionDomain.class, domain) : result;
    }

    private static @Nullable Object invoke(Object target, Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
