package io.finemem.allocator.driver;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import org.jspecify.annotations.Nullable;

/**
 * Chains that are posted and not waited for, a bounded number at a time. Chains of one connection complete in posting order,
 * so that a count says which are known to have completed.
 *
 * <p><b>Thread-safety.</b> Used by one thread at a time.
 */
final class PostedChains {
    /** Longest posted chain. */
    static final int ELEMENTS = 2;

    private final MetadataChain[] chains;
    private final Connection connection;
    private long posted;
    private long completed;

    PostedChains(Connection connection, int room, long metadataAddress, int metadataRkey) {
        this.connection = connection;
        this.chains = new MetadataChain[room];
        for (int i = 0; i < room; i++) {
            chains[i] = new MetadataChain(connection.newChain(ELEMENTS), metadataAddress, metadataRkey);
        }
    }

    /** The chain to be filled and posted next, or null if as many are in flight as there may be. */
    @Nullable
    MetadataChain free() {
        while (posted > completed && take(connection.poll())) {
            // takes in what has completed
        }
        if (posted - completed == chains.length) {
            return null;
        }
        next().chain().clear();
        return next();
    }

    private MetadataChain next() {
        return chains[(int) (posted % chains.length)];
    }

    /** Posts the chain that {@link #free} gave. */
    void submit() {
        connection.submit(next().chain());
        posted++;
    }

    /** Takes in a chain that has completed; whether it was a posted one, and executed. */
    boolean take(@Nullable Chain chain) {
        if (chain == null || posted == completed || chain != chains[(int) (completed % chains.length)].chain()) {
            return false;
        }
        if (chain.status() != CompletionStatus.SUCCESS) {
            return false; // the connection has failed, as every later chain will say
        }
        completed++;
        return true;
    }

    /** Chains that are known to have executed. */
    long completed() {
        return completed;
    }

    boolean none() {
        return posted == completed;
    }
}
