package io.finemem.it.allocator;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.ServedEnd;
import io.finemem.allocator.data.DataOptions;
import io.finemem.allocator.data.DataPath;
import io.finemem.allocator.data.HeapConnector;
import io.finemem.allocator.data.HeapLink;
import io.finemem.allocator.data.HeapPorts;
import io.finemem.allocator.data.HeldBlock;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.api.BlockHandle;
import io.finemem.api.FineMemException;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads and writes blocks that another process allocated for it, as the client of an allocation service does. */
final class DataClient implements AutoCloseable {
    private final ProtectionDomain domain;
    private final MemoryNodeControl session;
    private final List<Integer> ends = new CopyOnWriteArrayList<>();
    private final List<HeldBlock> freed = new CopyOnWriteArrayList<>();
    private final AtomicInteger connected = new AtomicInteger();
    private final DataPath path;

    DataClient(Transport transport, MemoryNode node, int ports) {
        domain = transport.newDomain();
        session = node.newSession("data client");
        session.register();
        HeapPorts connections = new HeapPorts(domain, List.of(new Connector()), ports, 20_000_000_000L);
        path = new DataPath(connections, DataOptions.defaults(), freed::add);
    }

    private final class Connector implements HeapConnector {
        @Override
        public String memoryNode() {
            return "mn0";
        }

        @Override
        public HeapLink connect(int elementsInFlight) {
            Connection end = domain.newConnection(new ConnectionOptions("mn0", elementsInFlight, Set.of()));
            ServedEnd served = session.connect(ConnectionPurpose.HEAP, end.descriptor());
            end.connect(served.descriptor());
            ends.add(served.id());
            connected.incrementAndGet();
            return new HeapLink(end, served.id());
        }

        @Override
        public void disconnect(HeapLink link) {
            session.disconnect(link.servedId());
            link.connection().close();
        }

        @Override
        public FineMemException lose(RuntimeException cause) {
            return new MemoryNodeLost(cause, "lost", "memoryNode", "mn0");
        }

        @Override
        public void requireUsable() {
            // always: the sessions of this test do not end
        }
    }

    private static final class Held extends HeldBlock {
        Held(BlockHandle handle) {
            super(handle.address(), handle.length(), handle.rkey(), ONE_RKEY, (int) handle.generation());
        }

        @Override
        public int nodeIndex() {
            return 0;
        }

        @Override
        protected String memoryNode() {
            return "mn0";
        }
    }

    /** A block of which somebody told the coordinates. */
    RemoteBlock block(BlockHandle handle) {
        return path.hand(new Held(handle));
    }

    DataPath path() {
        return path;
    }

    /** Blocks given back. */
    List<HeldBlock> freed() {
        return freed;
    }

    /** Connections made so far. */
    int connections() {
        return connected.get();
    }

    /** The node's ends of all connections break, as after a lost cable. */
    void breakConnections() {
        List<Integer> broken = List.copyOf(ends);
        ends.removeAll(broken);
        broken.forEach(session::disconnect);
    }

    @Override
    public void close() {
        path.close();
        session.close();
        domain.close();
    }
}
