package io.finemem.it.allocator;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.util.Set;
import java.util.function.Consumer;

/** An owner's heap connection on which a test presents whatever key it likes. */
final class KeyProbe implements AutoCloseable {
    private static final long TIMEOUT_NANOS = 10_000_000_000L;

    private final ProtectionDomain domain;
    private final MemoryNodeControl session;
    private Connection connection;

    KeyProbe(Transport transport, MemoryNode node) {
        domain = transport.newDomain();
        session = node.newSession("probe");
        session.register();
        connection = connect();
    }

    private Connection connect() {
        Connection end = domain.newConnection(new ConnectionOptions("probe", 1, Set.of()));
        end.connect(session.connect(ConnectionPurpose.HEAP, end.descriptor()).descriptor());
        return end;
    }

    /** Whether the key opens the word at the address; a refusal breaks the connection, which is then made anew. */
    boolean opens(long address, int rkey) {
        return executes(chain -> chain.readWord(address, rkey));
    }

    /** Whether the memory node's device executes the element; a refusal breaks the connection, which is then made anew. */
    boolean executes(Consumer<Chain> element) {
        session.heartbeat(0);
        Chain chain = connection.newChain(1);
        element.accept(chain);
        CompletionStatus status = connection.execute(chain, TIMEOUT_NANOS);
        if (status == CompletionStatus.SUCCESS) {
            chain.close();
            return true;
        }
        if (status != CompletionStatus.REMOTE_ACCESS_ERROR) {
            throw new AssertionError("neither opened nor refused: " + status);
        }
        connection.close();
        connection = connect();
        return false;
    }

    /** Memory of this side that chains may use. */
    MemoryRegion local(int bytes) {
        return domain.allocate(bytes, Set.of());
    }

    @Override
    public void close() {
        connection.close();
        session.close();
        domain.close();
    }
}
