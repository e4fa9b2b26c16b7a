package io.finemem.allocator.owner;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.data.HeapPorts;
import io.finemem.allocator.driver.ChainDriver;
import io.finemem.allocator.driver.CostMeter;
import io.finemem.allocator.driver.Pipeline;
import io.finemem.allocator.layout.Superblock;
import io.finemem.allocator.resume.ResumeTicket;
import io.finemem.allocator.resume.Resumption;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.InvalidRequest;
import io.finemem.api.ProtocolViolation;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Registers with memory nodes, connects to them and makes an {@link Owner}; releases everything if a step fails. */
public final class OwnerOpening {
    /** Spreads the workers of all owners over the sections: the golden ratio of 2^32. */
    private static final long SPREAD = 0x9e37_79b9L;

    private final List<MemoryNodeControl> controls;
    private final AllocatorOptions options;
    private final ProtectionDomain domain;
    private final int asyncDepth;
    private final Succession succession;
    private final Deque<Runnable> undo = new ArrayDeque<>();

    private OwnerOpening(
            Transport transport, List<MemoryNodeControl> controls, AllocatorOptions options, Succession succession) {
        this.controls = controls;
        this.options = options;
        this.succession = succession;
        this.domain = transport.newDomain();
        int most = transport.capabilities().maxElementsInFlight() - ChainDriver.ELEMENTS_IN_FLIGHT;
        this.asyncDepth = Math.max(1, Math.min(options.async().depth(), most / Pipeline.MAX_ELEMENTS));
        undo.push(domain::close);
    }

    /**
     * Opens an owner.
     *
     * @param controls a session with each memory node; closed with the owner, or now if opening fails
     */
    public static Owner open(Transport transport, List<MemoryNodeControl> controls, AllocatorOptions options) {
        return open(transport, controls, options, Succession::none);
    }

    /**
     * Opens an owner that may have a successor, and goes on as that of the tickets where it can.
     *
     * @param controls a session with each memory node; closed with the owner, or now if opening fails
     * @param store takes the tickets for a successor before anything is allocated at their memory nodes
     * @throws InvalidRequest if two tickets are for one memory node, or two records cannot both be true; nothing was done
     */
    public static Owner openResumable(
            Transport transport,
            List<MemoryNodeControl> controls,
            AllocatorOptions options,
            Resumption before,
            Consumer<List<ResumeTicket>> store) {
        long timeoutNanos = options.operationTimeout().toNanos();
        return open(transport, controls, options, () -> Succession.after(before, timeoutNanos, store));
    }

    private static Owner open(
            Transport transport,
            List<MemoryNodeControl> controls,
            AllocatorOptions options,
            Supplier<Succession> succession) {
        try {
            if (controls.isEmpty()) {
                throw new InvalidConfiguration("no memory node is given; name at least one");
            }
            return new OwnerOpening(transport, controls, options, succession.get()).open();
        } catch (RuntimeException e) {
            controls.forEach(MemoryNodeControl::close);
            throw e;
        }
    }

    private Owner open() {
        try {
            List<NodeSession> nodes = new ArrayList<>();
            for (MemoryNodeControl control : controls) {
                nodes.add(attach(nodes.size(), control));
            }
            succession.storeTickets(nodes);
            HeapPorts ports = ports(nodes);
            undo.push(ports::close);
            Worker[] workers = new Worker[options.workers()];
            for (int i = 0; i < workers.length; i++) {
                workers[i] = worker(i, nodes);
                ports.connect(i);
                nodes.forEach(node ->
                        node.heard(node.control().heartbeat(0))); // the heart does not beat before all is connected
            }
            undo.clear();
            return new Owner(this, nodes, domain, workers, asyncDepth, ports, options, succession);
        } catch (RuntimeException e) {
            undo();
            throw e;
        }
    }

    private void undo() {
        while (!undo.isEmpty()) {
            undo.pop().run();
        }
    }

    /**
     * The worker of asynchronous operations, which is connected when the first one is called; one call of this object at a time.
     *
     * @param other whose lanes stand in for those to nodes that were lost, which are never used
     */
    Worker pumpWorker(List<NodeSession> nodes, Worker other) {
        try {
            CostMeter meter = new CostMeter();
            Lane[] lanes = new Lane[nodes.size()];
            for (int i = 0; i < lanes.length; i++) {
                NodeSession node = nodes.get(i);
                lanes[i] = node.usable()
                        ? lane(node, options.workers(), asyncDepth * Pipeline.MAX_ELEMENTS, meter)
                        : other.lane(node);
            }
            undo.clear();
            return new Worker(lanes, meter, new NodeChoice(options.placement(), 0));
        } catch (RuntimeException e) {
            undo();
            throw e;
        }
    }

    /** Connects workers to a node that joins; those from {@code lent} on are for asynchronous operations. */
    List<Lane> lanes(NodeSession node, Worker[] workers, int lent) {
        try {
            List<Lane> lanes = new ArrayList<>();
            for (int i = 0; i < workers.length; i++) {
                int pipeline = i < lent ? 0 : asyncDepth * Pipeline.MAX_ELEMENTS;
                lanes.add(lane(node, i, pipeline, workers[i].meter()));
            }
            node.heard(node.control().heartbeat(0));
            undo.clear();
            return lanes;
        } catch (RuntimeException e) {
            undo();
            throw e;
        }
    }

    /** The way to the heap of a node. */
    NodeHeap heap(NodeSession node) {
        return new NodeHeap(new Connector(domain, node.control(), node.pool().memoryNode()), node);
    }

    /** Has the tickets for a successor stored. */
    void storeTickets(List<NodeSession> nodes) {
        succession.storeTickets(nodes);
    }

    /** Registers with a node. */
    NodeSession attach(int index, MemoryNodeControl control) {
        PoolDescription pool = control.describe();
        Admission admission = succession.admit(control, pool);
        Connector connector = new Connector(domain, control, pool.memoryNode());
        Link link = connector.connect(ConnectionPurpose.METADATA);
        try (ChainDriver driver = driver(link, pool, new CostMeter())) {
            driver.readWords(0, Superblock.WORDS);
            Superblock superblock = Superblock.parse(driver::bulkWord);
            if (superblock.bootNonce() != pool.bootNonce() || superblock.sections() != pool.sections()) {
                throw new ProtocolViolation(
                        "the metadata is not that of the memory node that was asked", "memoryNode", pool.memoryNode());
            }
            NodeSession node = new NodeSession(index, control, pool, admission, superblock.layout());
            succession.rebuild(node, admission, driver);
            connector.disconnect(link);
            return node;
        }
    }

    private HeapPorts ports(List<NodeSession> nodes) {
        List<NodeHeap> heaps = nodes.stream().map(this::heap).toList();
        return new HeapPorts(
                domain, heaps, options.workers(), options.operationTimeout().toNanos());
    }

    private Worker worker(int index, List<NodeSession> nodes) {
        CostMeter meter = new CostMeter();
        Lane[] lanes = new Lane[nodes.size()];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = lane(nodes.get(i), index, 0, meter);
        }
        return new Worker(lanes, meter, new NodeChoice(options.placement(), index % lanes.length));
    }

    private Lane lane(NodeSession node, int worker, int elementsOfPipeline, CostMeter meter) {
        Connector connector = new Connector(domain, node.control(), node.pool().memoryNode());
        Link link = connector.connect(ConnectionPurpose.METADATA, ChainDriver.ELEMENTS_IN_FLIGHT + elementsOfPipeline);
        ChainDriver driver = driver(link, node.pool(), meter);
        undo.push(driver::close);
        long position = (node.ownerId() * 31L + worker) * SPREAD & 0xffff_ffffL;
        LaneContext context = new LaneContext(
                node,
                connector,
                link,
                driver,
                (int) (position % node.layout().spans()),
                options.operationTimeout().toNanos());
        return new Lane(context, options);
    }

    private ChainDriver driver(Link link, PoolDescription pool, CostMeter meter) {
        MemoryRegion bulk;
        try {
            bulk = domain.allocate(ChainDriver.bulkBytes(), Set.of());
        } catch (RuntimeException e) {
            link.connection().close();
            throw e;
        }
        return new ChainDriver(
                link.connection(),
                bulk,
                pool.metadataAddress(),
                pool.metadataRkey(),
                options.operationTimeout().toNanos(),
                meter);
    }
}
