package io.finemem.it.allocator;

import static io.finemem.it.allocator.Intercepted.invoke;
import static io.finemem.it.allocator.Intercepted.proxy;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.Transport;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A transport whose process dies at a chosen chain, of which the first elements are executed and the others are not. */
final class MortalTransport {
    private static final Set<String> ELEMENTS =
            Set.of("read", "write", "readWord", "writeWord", "compareAndSwap", "fetchAdd");
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Transport real;
    private final AtomicInteger chains = new AtomicInteger();
    private volatile int last = -1;
    private volatile int executed;
    private volatile boolean dead;
    private volatile boolean swallowing;

    MortalTransport(Transport real) {
        this.real = real;
    }

    /** The process is dead: nothing more of it executes. */
    static final class Died extends RuntimeException {
        private static final long serialVersionUID = 1;

        Died() {
            super("the process is dead");
        }
    }

    /** Dies at the chain after that many more; that many of its elements are still executed, or all if it has fewer. */
    void dieAt(int chainsFromNow, int elements) {
        executed = elements;
        last = chains.get() + chainsFromNow;
    }

    /** Whether it is dead. */
    boolean dead() {
        return dead;
    }

    /** Dies now. */
    void die() {
        dead = true;
    }

    /** The next chain that is posted without waiting is not executed, and its completion never seen. */
    void swallowNextPost() {
        swallowing = true;
    }

    /** Whether it was posted by now. */
    boolean swallowed() {
        return !swallowing;
    }

    /** Chains posted so far. */
    int chains() {
        return chains.get();
    }

    Transport transport() {
        return Intercepted.transport(real, connection -> new Ends(connection).connection());
    }

    private void requireAlive() {
        if (dead) {
            throw new Died();
        }
    }

    /** One connection and its chains. */
    private final class Ends {
        private final Connection real;
        private final Map<Object, Recorded> recorded = new IdentityHashMap<>();
        private final Map<Object, Chain> proxies = new IdentityHashMap<>();

        private Ends(Connection real) {
            this.real = real;
        }

        private Connection connection() {
            return proxy(Connection.class, real, (method, arguments) -> switch (method.getName()) {
                case "newChain" -> chain((Chain) Objects.requireNonNull(invoke(real, method, arguments)));
                case "execute" -> {
                    Recorded chain = post(arguments);
                    yield real.execute(chain.chain, (long) arguments[1]);
                }
                case "submit" -> {
                    submit(post(arguments).chain);
                    yield null;
                }
                case "poll" -> {
                    requireAlive();
                    yield proxies.get(real.poll());
                }
                default -> invoke(real, method, arguments);
            });
        }

        private Chain chain(Chain chain) {
            Recorded record = new Recorded(chain);
            Chain proxy = proxy(Chain.class, chain, (method, arguments) -> {
                record.called(method, arguments);
                Object result = invoke(chain, method, arguments);
                return method.getName().equals("clear") ? proxies.get(chain) : result;
            });
            recorded.put(proxy, record);
            proxies.put(chain, proxy);
            return proxy;
        }

        private Recorded post(Object[] arguments) {
            requireAlive();
            Recorded chain = Objects.requireNonNull(recorded.get(arguments[0]));
            if (chains.getAndIncrement() == last) {
                dead = true;
                executeFirst(chain);
                throw new Died();
            }
            return chain;
        }

        private void submit(Chain chain) {
            if (swallowing) {
                swallowing = false;
            } else {
                real.submit(chain);
            }
        }

        /** What was posted before is executed, too. */
        private void executeFirst(Recorded chain) {
            int count = Math.min(executed, chain.elements.size());
            long deadline = System.nanoTime() + TIMEOUT_NANOS;
            while (real.chainsInFlight() > 0 && System.nanoTime() - deadline < 0) {
                real.poll();
            }
            if (count > 0) {
                Chain part = real.newChain(count);
                chain.elements.subList(0, count).forEach(element -> element.replay(part));
                real.execute(part, TIMEOUT_NANOS);
            }
        }
    }

    private record Element(Method method, Object[] arguments) {
        void replay(Chain chain) {
            try {
                method.invoke(chain, arguments);
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static final class Recorded {
        private final Chain chain;
        private final List<Element> elements = new ArrayList<>();

        private Recorded(Chain chain) {
            this.chain = chain;
        }

        private void called(Method method, Object[] arguments) {
            if (method.getName().equals("clear")) {
                elements.clear();
            } else if (ELEMENTS.contains(method.getName())) {
                elements.add(new Element(method, arguments));
            }
        }
    }
}
