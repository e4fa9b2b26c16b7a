package io.finemem.it.allocator;

import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Objects of the transport SPI whose calls a test sees first. */
final class Intercepted {
    private static final Object[] NONE = {};

    private Intercepted() {}

    /** In place of a call. */
    interface Call {
        @Nullable
        Object apply(Method method, Object[] arguments) throws Throwable;
    }

    /** Knows the object behind it, for those who are handed it as an argument. */
    private record Handler(Object target, Call call) implements InvocationHandler {
        @Override
        public @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments) throws Throwable {
            Object[] given = arguments == null ? NONE : arguments;
            return method.getDeclaringClass() == Object.class
                    ? Intercepted.invoke(target, method, given)
                    : call.apply(method, given);
        }
    }

    /** The target, but for this instead of its calls. */
    static <T> T proxy(Class<T> type, T target, Call call) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, new Handler(target, call)));
    }

    /** A transport with others in place of the connections of its domains. */
    static Transport transport(Transport real, UnaryOperator<Connection> connections) {
        return proxy(Transport.class, real, (method, arguments) -> {
            Object result = invoke(real, method, arguments);
            return result instanceof ProtectionDomain domain ? domain(domain, connections) : result;
        });
    }

    private static ProtectionDomain domain(ProtectionDomain real, UnaryOperator<Connection> connections) {
        return proxy(ProtectionDomain.class, real, (method, arguments) -> {
            Object result = invoke(real, method, arguments);
            return result instanceof Connection connection ? connections.apply(connection) : result;
        });
    }

    /** Calls the target itself, and hands it what is behind the arguments. */
    static @Nullable Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        Object[] real = arguments.clone();
        for (int i = 0; i < real.length; i++) {
            if (real[i] != null
                    && Proxy.isProxyClass(real[i].getClass())
                    && Proxy.getInvocationHandler(real[i]) instanceof Handler handler) {
                real[i] = handler.target();
            }
        }
        try {
            return method.invoke(target, real);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
