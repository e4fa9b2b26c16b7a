package io.finemem.it.allocator;

import static io.finemem.it.allocator.Intercepted.invoke;
import static io.finemem.it.allocator.Intercepted.proxy;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.Transport;
import java.lang.reflect.Method;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A transport whose connections fail at a chosen chain, before it was executed or after it, with its completion lost. */
final class FaultyTransport {
    private final Transport real;
    private final AtomicInteger chains = new AtomicInteger();
    private volatile int failing = -1;
    private volatile int withheldUntil;
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

    /** No completion is seen until that many more chains were posted. */
    void withholdUntil(int chainsFromNow) {
        withheldUntil = chains.get() + chainsFromNow;
    }

    /** Chains executed so far. */
    int chains() {
        return chains.get();
    }

    Transport transport() {
        return Intercepted.transport(real, this::connection);
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

    private Connection connection(Connection connection) {
        FaultyConnection faulty = new FaultyConnection(connection);
        return proxy(Connection.class, connection, faulty::call);
    }

    /** Fails once; afterwards none of its chains has succeeded, whatever they did. */
    private final class FaultyConnection {
        private final Connection real;
        private final Map<Object, Chain> chainsByProxy = new IdentityHashMap<>();
        private final Map<Object, Chain> proxiesByChain = new IdentityHashMap<>();
        private boolean failed;

        private FaultyConnection(Connection real) {
            this.real = real;
        }

        @Nullable
        Object call(Method method, Object[] arguments) throws Throwable {
            return switch (method.getName()) {
                case "newChain" -> chain((Chain) Objects.requireNonNull(invoke(real, method, arguments)));
                case "execute" -> execute(arguments[0], (long) arguments[1]);
                case "poll" ->
                    silent || chains.get() < withheldUntil ? null : proxiesByChain.get(invoke(real, method, arguments));
                case "submit" -> {
                    submit(arguments[0]);
                    yield null;
                }
                default -> invoke(real, method, arguments);
            };
        }

        private Chain chain(Chain chain) {
            Chain proxy = proxy(
                    Chain.class,
                    chain,
                    (method, arguments) -> method.getName().equals("status") && failed
                            ? CompletionStatus.FLUSHED
                            : invoke(chain, method, arguments));
            chainsByProxy.put(proxy, chain);
            proxiesByChain.put(chain, proxy);
            return proxy;
        }

        private CompletionStatus execute(Object chain, long timeoutNanos) {
            Chain posted = Objects.requireNonNull(chainsByProxy.get(chain));
            if (chains.getAndIncrement() != failing) {
                return real.execute(posted, timeoutNanos);
            }
            failed = true;
            if (executed) {
                real.execute(posted, timeoutNanos);
            }
            real.close();
            return CompletionStatus.FLUSHED;
        }

        private void submit(Object chain) {
            if (silent) {
                cut.add(real);
                if (passing-- > 0) {
                    real.submit(Objects.requireNonNull(chainsByProxy.get(chain)));
                }
                return;
            }
            boolean fails = chains.getAndIncrement() == failing;
            failed |= fails;
            if (fails && !executed) {
                real.close();
            }
            real.submit(Objects.requireNonNull(chainsByProxy.get(chain)));
            if (fails && executed) {
                real.close();
            }
        }
    }
}
