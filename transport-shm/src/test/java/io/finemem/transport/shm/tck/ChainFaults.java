package io.finemem.transport.shm.tck;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Faults of the execution of chains: elements are recorded, and executed otherwise than they were added. */
final class ChainFaults implements Fault {
    private static final long PATIENCE_NANOS = 2_000_000_000L;

    /** Executes the elements in its own way, leaves in the chain what is to be posted, and knows the results. */
    private interface Rewriting {
        IntToLongFunction rewrite(Connection connection, Chain chain, List<Call> elements) throws Throwable;
    }

    private final Rewriting rewriting;
    private final Map<Object, List<Call>> recorded = new ConcurrentHashMap<>();
    private final Map<Object, IntToLongFunction> results = new ConcurrentHashMap<>();

    private ChainFaults(Rewriting rewriting) {
        this.rewriting = rewriting;
    }

    /** The last element is executed first. */
    static Fault reversed() {
        return reordered(elements -> {
            Collections.reverse(elements);
            return elements;
        });
    }

    /** READs overtake the WRITEs before them. */
    static Fault readsFirst() {
        return reordered(elements -> {
            elements.sort(
                    Comparator.comparing(element -> !element.method().getName().startsWith("read")));
            return elements;
        });
    }

    private static Fault reordered(UnaryOperator<List<Call>> order) {
        return new ChainFaults((connection, chain, elements) -> {
            List<Call> other = order.apply(new ArrayList<>(elements));
            chain.clear();
            for (Call element : other) {
                element.proceed();
            }
            return element -> chain.word(other.indexOf(elements.get(element)));
        });
    }

    /** Every element has a doorbell of its own. */
    static Fault oneDoorbellForEachElement() {
        return new ChainFaults((connection, chain, elements) -> {
            long[] words = new long[elements.size()];
            for (int i = 0; i < words.length; i++) {
                words[i] = execute(connection, elements.get(i));
            }
            return replaceByReads(chain, elements, words);
        });
    }

    /** CAS and FETCH_ADD are a READ and a WRITE, with time between them. */
    static Fault atomicsInTwoSteps() {
        return new ChainFaults((connection, chain, elements) -> {
            long[] words = new long[elements.size()];
            for (int i = 0; i < words.length; i++) {
                words[i] = inTwoSteps(connection, elements.get(i));
            }
            return replaceByReads(chain, elements, words);
        });
    }

    private static long inTwoSteps(Connection connection, Call element) throws Throwable {
        boolean swap = element.method().getName().equals("compareAndSwap");
        if (!swap && !element.method().getName().equals("fetchAdd")) {
            return execute(connection, element);
        }
        long address = element.number(0);
        int rkey = (int) element.number(1);
        long found;
        try (Chain read = connection.newChain(1)) {
            read.readWord(address, rkey);
            found = execute(connection, read, true);
        }
        Thread.yield();
        if (!swap || found == element.number(2)) {
            try (Chain write = connection.newChain(1)) {
                write.writeWord(address, rkey, swap ? element.number(3) : found + element.number(2));
                execute(connection, write, false);
            }
        }
        return found;
    }

    /** A FETCH_ADD is executed once more, as by a retry that was not recognised. */
    static Fault atomicsTwice() {
        return new ChainFaults((connection, chain, elements) -> {
            long[] words = new long[elements.size()];
            for (int i = 0; i < words.length; i++) {
                words[i] = execute(connection, elements.get(i));
                if (elements.get(i).method().getName().equals("fetchAdd")) {
                    execute(connection, elements.get(i));
                }
            }
            return replaceByReads(chain, elements, words);
        });
    }

    /** A CAS that fails ends its chain. */
    static Fault failedSwapStopsTheChain() {
        return new ChainFaults((connection, chain, elements) -> {
            long[] words = new long[elements.size()];
            for (int i = 0; i < words.length; i++) {
                Call element = elements.get(i);
                words[i] = execute(connection, element);
                if (element.method().getName().equals("compareAndSwap") && words[i] != element.number(2)) {
                    break;
                }
            }
            return replaceByReads(chain, elements, words);
        });
    }

    private static long execute(Connection connection, Call element) throws Throwable {
        try (Chain single = connection.newChain(1)) {
            new Call(single, element.method(), element.arguments()).proceed();
            String name = element.method().getName();
            return execute(connection, single, !name.equals("read") && !name.startsWith("write"));
        }
    }

    private static long execute(Connection connection, Chain single, boolean hasWord) {
        boolean done = connection.execute(single, PATIENCE_NANOS) == CompletionStatus.SUCCESS;
        return done && hasWord ? single.word(0) : 0;
    }

    /** What was executed already is posted as READs of the same words, so that there is something to complete. */
    private static IntToLongFunction replaceByReads(Chain chain, List<Call> elements, long[] words) {
        chain.clear();
        for (Call element : elements) {
            chain.readWord(element.number(0) & -Long.BYTES, (int) element.number(1));
        }
        return element -> words[element];
    }

    @Override
    public @Nullable Object call(Call call) throws Throwable {
        if (call.target() instanceof Chain chain) {
            return ofChain(chain, call);
        }
        if (call.is(Connection.class, "submit")) {
            Object chain = call.arguments()[0];
            List<Call> elements = chain == null ? null : recorded.get(chain);
            if (elements != null) {
                results.put(chain, rewriting.rewrite((Connection) call.target(), (Chain) chain, elements));
            }
        }
        return call.proceed();
    }

    private @Nullable Object ofChain(Chain chain, Call call) throws Throwable {
        IntToLongFunction result = results.get(chain);
        if (call.is(Chain.class, "word") && result != null && chain.status() == CompletionStatus.SUCCESS) {
            return result.applyAsLong((int) call.number(0));
        }
        Object returned = call.proceed();
        if (call.addsAccess()) {
            recorded.computeIfAbsent(chain, key -> new ArrayList<>()).add(call);
        } else if (call.is(Chain.class, "clear") || call.is(Chain.class, "close")) {
            recorded.remove(chain);
            results.remove(chain);
        }
        return returned;
    }
}
