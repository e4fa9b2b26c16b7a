package io.finemem.transport.shm.tck;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** Puts a fault between the tests and all objects of a real transport, keeping their identity. */
final class Decorator {
    private static final List<Class<?>> TYPES = List.of(
            Transport.class,
            ProtectionDomain.class,
            MemoryRegion.class,
            MemoryWindow.class,
            Connection.class,
            Chain.class);

    private final Fault fault;
    private final Map<Object, WeakReference<Object>> decorated = new WeakHashMap<>();

    private Decorator(Fault fault) {
        this.fault = fault;
    }

    static Transport decorate(Transport real, Fault fault) {
        return (Transport) new Decorator(fault).decorate(real);
    }

    private Object decorate(Object real) {
        for (Class<?> type : TYPES) {
            if (type.isInstance(real)) {
                return decorate(real, type);
            }
        }
        return real;
    }

    private synchronized Object decorate(Object real, Class<?> type) {
        WeakReference<Object> known = decorated.get(real);
        Object proxy = known == null ? null : known.get();
        if (proxy == null) {
            proxy = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, new Handler(real));
            decorated.put(real, new WeakReference<>(proxy));
        }
        return proxy;
    }

    private static @Nullable Object real(@Nullable Object argument) {
        boolean ours = argument != null
                && Proxy.isProxyClass(argument.getClass())
                && Proxy.getInvocationHandler(argument) instanceof Handler;
        return ours ? ((Handler) Proxy.getInvocationHandler(argument)).real : argument;
    }

    private final class Handler implements InvocationHandler {
        private final Object real;

        Handler(Object real) {
            this.real = real;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
                throws Throwable {
            if (method.getDeclaringClass() == Object.class) {
                return ofObject(method, proxy, arguments);
            }
            if (method.isDefault()) {
                return InvocationHandler.invokeDefault(proxy, method, arguments);
            }
            int count = arguments == null ? 0 : arguments.length;
            @Nullable Object[] reals = new @Nullable Object[count];
            for (int i = 0; i < count; i++) {
                reals[i] = real(arguments[i]);
            }
            Object result = fault.call(new Call(real, method, reals));
            return result == null ? null : decorate(result);
        }

        private @Nullable Object ofObject(Method method, Object proxy, @Nullable Object @Nullable [] arguments) {
            return switch (method.getName()) {
                case "equals" -> proxy == (arguments == null ? null : arguments[0]);
                case "hashCode" -> System.identityHashCode(proxy);
                default -> real.toString();
            };
        }
    }
}
