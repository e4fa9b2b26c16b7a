package io.finemem.runtime.stress;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** A real transport of which one thing is broken. */
final class BrokenTransport {
    private static final int ROOM = 4;

    /** What is broken. */
    enum Fault {
        NONE,
        /** A1: the elements of a chain execute last first, with time in between. */
        REVERSED,
        /** A2: one in a thousand atomics executes twice. */
        ATOMIC_TWICE,
        /** Not assumed: a word is written in two halves. */
        TORN,
        /** A3: an atomic is a READ and a WRITE. */
        NOT_ATOMIC,
        /** A4: a destroyed connection goes on. */
        NOT_DESTROYED
    }

    private final Fault fault;
    private final ConcurrentMap<Object, Recorded> chains = new ConcurrentHashMap<>();

    private BrokenTransport(Fault fault) {
        this.fault = fault;
    }

    static Transport of(Transport real, Fault fault) {
        return new BrokenTransport(fault).wrap(Transport.class, real);
    }

    /** An element that was asked for: its kind and its arguments. */
    private record Element(String kind, Object[] arguments) {
        long number(int index) {
            return (Long) arguments[index];
        }

        int rkey() {
            return (Integer) arguments[1];
        }

        boolean atomic() {
            return kind.equals("fetchAdd") || kind.equals("compareAndSwap");
        }
    }

    /** A chain as it was asked for, and what came of it. */
    private static final class Recorded {
        final Chain real;
        final List<Element> elements = new ArrayList<>();
        long[] words = new long[0];
        int count;

        Recorded(Chain real) {
            this.real = real;
        }
    }

    private <T> T wrap(Class<T> type, Object real) {
        InvocationHandler handler = (proxy, method, arguments) -> call(real, method, arguments);
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private @Nullable Object call(Object real, Method method, Object @Nullable [] arguments) throws Throwable {
        String name = method.getName();
        if (real instanceof Connection connection) {
            if (name.equals("newChain") && fault != Fault.NOT_DESTROYED) {
                return newChain(connection, (Integer) argument(arguments, 0));
            }
            if (name.equals("execute")) {
                return execute(connection, argument(arguments, 0), (Long) argument(arguments, 1));
            }
            if (fault == Fault.NOT_DESTROYED && (name.equals("fence") || name.equals("close"))) {
                return null;
            }
        }
        Object result = invoke(real, method, arguments);
        if (result instanceof ProtectionDomain) {
            return wrap(ProtectionDomain.class, result);
        }
        return result instanceof Connection ? wrap(Connection.class, result) : result;
    }

    private static Object argument(Object @Nullable [] arguments, int index) {
        if (arguments == null) {
            throw new IllegalStateException("a call without arguments");
        }
        return arguments[index];
    }

    private static @Nullable Object invoke(Object real, Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private Chain newChain(Connection connection, int capacity) {
        Recorded recorded = new Recorded(connection.newChain(ROOM));
        InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
            case "clear" -> {
                recorded.elements.clear();
                yield proxy;
            }
            case "readWord", "writeWord", "fetchAdd", "compareAndSwap" -> {
                recorded.elements.add(new Element(method.getName(), arguments.clone()));
                yield recorded.elements.size() - 1;
            }
            case "word" -> recorded.words[(Integer) argument(arguments, 0)];
            case "capacity" -> capacity;
            case "hashCode" -> System.identityHashCode(recorded);
            case "equals" -> proxy == argument(arguments, 0);
            default -> invoke(recorded.real, method, arguments);
        };
        Chain chain =
                (Chain) Proxy.newProxyInstance(Chain.class.getClassLoader(), new Class<?>[] {Chain.class}, handler);
        chains.put(chain, recorded);
        return chain;
    }

    private CompletionStatus execute(Connection connection, Object chain, long timeout) {
        Recorded recorded = chains.get(chain);
        if (recorded == null) {
            return connection.execute((Chain) chain, timeout);
        }
        List<Element> elements = recorded.elements;
        recorded.words = new long[elements.size()];
        for (int i = 0; i < elements.size(); i++) {
            int at = fault == Fault.REVERSED ? elements.size() - 1 - i : i;
            recorded.words[at] = execute(connection, recorded, elements.get(at), timeout);
        }
        return CompletionStatus.SUCCESS;
    }

    private long execute(Connection connection, Recorded recorded, Element element, long timeout) {
        recorded.count++;
        if (fault == Fault.ATOMIC_TWICE && element.atomic() && recorded.count % 1000 == 0) {
            one(connection, recorded, element, timeout);
        }
        if (fault == Fault.TORN && element.kind().equals("writeWord")) {
            long half = element.number(2) & 0xffff_ffffL;
            one(
                    connection,
                    recorded,
                    new Element("writeWord", new Object[] {element.number(0), element.rkey(), half}),
                    timeout);
        }
        if (fault == Fault.NOT_ATOMIC && element.atomic()) {
            return readThenWrite(connection, recorded, element, timeout);
        }
        return one(connection, recorded, element, timeout);
    }

    private static long readThenWrite(Connection connection, Recorded recorded, Element element, long timeout) {
        Object[] place = {element.number(0), element.rkey()};
        long found = one(connection, recorded, new Element("readWord", place), timeout);
        boolean add = element.kind().equals("fetchAdd");
        if (add || found == element.number(2)) {
            long value = add ? found + element.number(2) : element.number(3);
            one(connection, recorded, new Element("writeWord", new Object[] {place[0], place[1], value}), timeout);
        }
        return found;
    }

    private static long one(Connection connection, Recorded recorded, Element element, long timeout) {
        Chain chain = recorded.real.clear();
        long address = element.number(0);
        switch (element.kind()) {
            case "readWord" -> chain.readWord(address, element.rkey());
            case "writeWord" -> chain.writeWord(address, element.rkey(), element.number(2));
            case "fetchAdd" -> chain.fetchAdd(address, element.rkey(), element.number(2));
            default -> chain.compareAndSwap(address, element.rkey(), element.number(2), element.number(3));
        }
        if (connection.execute(chain, timeout) != CompletionStatus.SUCCESS) {
            throw new IllegalStateException("the real transport failed: " + chain.status());
        }
        return element.kind().equals("writeWord") ? 0 : chain.word(0);
    }
}
