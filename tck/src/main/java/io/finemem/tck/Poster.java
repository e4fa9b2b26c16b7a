package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Posts chains on one connection and waits for them with a bound.
 *
 * <p><b>Thread-safety.</b> None, as the connection's posting side.
 */
public final class Poster {
    private static final int CAPACITY = 16;

    private final Connection connection;
    private final Duration patience;
    private final Chain chain;

    /** Posts on a connected end; its chain is released with the connection. */
    public Poster(Connection connection, Duration patience) {
        this.connection = connection;
        this.patience = patience;
        this.chain = connection.newChain(CAPACITY);
    }

    /** Fills, posts and completes one chain of up to 16 elements. */
    public CompletionStatus post(Consumer<Chain> filling) {
        chain.clear();
        filling.accept(chain);
        return connection.execute(chain, patience.toNanos());
    }

    /** The same for a chain that must succeed; its results can be read until the next call. */
    public Chain complete(Consumer<Chain> filling) {
        assertThat(post(filling)).isEqualTo(CompletionStatus.SUCCESS);
        return chain;
    }

    /** READ of one word. */
    public long readWord(long address, int rkey) {
        return complete(c -> c.readWord(address, rkey)).word(0);
    }

    /** WRITE of one word. */
    public void writeWord(long address, int rkey, long value) {
        complete(c -> c.writeWord(address, rkey, value));
    }

    /** CAS; gives the value before. */
    public long compareAndSwap(long address, int rkey, long expected, long update) {
        return complete(c -> c.compareAndSwap(address, rkey, expected, update)).word(0);
    }

    /** FETCH_ADD; gives the value before. */
    public long fetchAdd(long address, int rkey, long addend) {
        return complete(c -> c.fetchAdd(address, rkey, addend)).word(0);
    }

    /** The next completed chain of the connection. */
    public Chain awaitNext() {
        return awaitNext(connection, patience);
    }

    /** The next completed chain of a connection. */
    public static Chain awaitNext(Connection connection, Duration patience) {
        Deadline deadline = Deadline.in(patience);
        Chain completed = connection.poll();
        while (completed == null) {
            deadline.pause("a completion");
            completed = connection.poll();
        }
        return completed;
    }

    /** The connection it posts on. */
    public Connection connection() {
        return connection;
    }
}
