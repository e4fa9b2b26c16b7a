package io.finemem.transport.shm;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.nio.file.Path;

/** Two transports in this process: one serves memory, the other has a connection to it. */
final class TwoNodes implements AutoCloseable {
    private final Transport memoryNode;
    private final Transport computeNode;
    private final ProtectionDomain served;
    private final ProtectionDomain own;
    private final Fixture.Pair pair;

    TwoNodes(Path directory) {
        this(directory, ConnectionOptions.of("peer"));
    }

    TwoNodes(Path directory, ConnectionOptions options) {
        memoryNode = Fixture.open(directory);
        computeNode = Fixture.open(directory);
        served = memoryNode.newDomain();
        own = computeNode.newDomain();
        pair = Fixture.connect(own, served, options);
    }

    Transport memoryNode() {
        return memoryNode;
    }

    Transport computeNode() {
        return computeNode;
    }

    ProtectionDomain served() {
        return served;
    }

    ProtectionDomain own() {
        return own;
    }

    Connection client() {
        return pair.client();
    }

    Connection server() {
        return pair.server();
    }

    MemoryRegion region(long bytes) {
        return served.allocate(bytes, Fixture.EVERYTHING);
    }

    /** What a READ of one word by the client ends with. */
    CompletionStatus read(long address, int rkey) {
        Chain chain = client().newChain(1);
        chain.readWord(address, rkey);
        return Fixture.execute(chain);
    }

    @Override
    public void close() {
        computeNode.close();
        memoryNode.close();
    }
}
