package io.finemem.it.allocator;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A transport whose connections fail at a chosen chain, before it was executed or after it, with its completion lost. */
final class FaultyTransport {
    private final Transport real;
    private final AtomicInteger chains = new AtomicInteger();
    private volatile int failing = -1;
    private volatile boolean executed;
    private volatile boolean silent;
    private int passing;
    private final Set<Connection> cut = new HashSet<>();

    FaultyTransport(Transport real) {
        this.real = real;
    }

    /** The chain after that many more fails. */
    void failAt(int chainsFromNow, boolean afterExecution) {
        executed = afterExecution;
        failing = chains.get() + chainsFromNow;
    }

    /** Chains executed so far. */
    int chains() {
        return chains.get();
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
            return result instanceof Connection connection ? connection(connection) : result;
        });
    }

    /** From now on so many posted chains are executed, the others are not, and no completion arrives, until {@link #cutOff}. */
    void loseCompletions(int stillExecuted) {
        passing = stillExecuted;
        silent = true;
    }

    /** Ends the connections that have been silent. */
    void cutOff() {
        silent = false;
        cut.forEach(Connection::close);
        cut.clear();
    }

    private @Nullable Object whileSilent(Connection connection, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("poll")) {
            return null;
        }
        if (method.getName().equals("submit")) {
            cut.add(connection);
            if (passing-- <= 0) {
                return null;
            }
        }
        return invoke(connection, method, arguments);
    }

    private Connection connection(Connection connection) {
        return proxy(Connection.class, connection, (method, arguments) -> {
            if (silent) {
                return whileSilent(connection, method, arguments);
            }
            if (!method.getName().equals("execute") || chains.getAndIncrement() != failing) {
                return invoke(connection, method, arguments);
            }
            if (executed) {
                connection.execute((Chain) arguments[0], (long) arguments[1]);
            }
            connection.close();
            return CompletionStatus.FLUSHED;
        });
    }

    private interface Call {
        @Nullable
        Object apply(Method method, Object[] arguments) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, T target, Call call) {
        InvocationHandler handler = (self, method, arguments) -> method.getDeclaringClass() == Object.class
                ? invoke(target, method, arguments)
                : call.apply(method, arguments);
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
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
