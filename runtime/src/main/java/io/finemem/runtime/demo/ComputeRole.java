package io.finemem.runtime.demo;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.runtime.control.ControlClient;
import io.finemem.runtime.trace.RecordedTraces;
import io.finemem.runtime.trace.ReplayOptions;
import io.finemem.runtime.trace.ReplayPlan;
import io.finemem.runtime.trace.TraceReplay;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportDescription;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** A child that allocates: replays traces, checks, frees. */
final class ComputeRole {
    private static final Duration OPERATION_TIMEOUT = Duration.ofSeconds(30);
    private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final ParentLink link;
    private long lastReport = System.nanoTime();

    ComputeRole(ParentLink link) {
        this.link = link;
    }

    void run() {
        Message.Replay order = link.receive(Message.Replay.class);
        link.watchOver(order.fabric().directory());
        ComputeResult result;
        try (Transport transport = DemoProcess.openTransport(order.fabric());
                FineMemAllocator memory = FineMemAllocator.open(transport, List.of(session(order)), options())) {
            TransportDescription device = transport.description();
            link.send(new Message.Connected(device.transport(), device.device(), device.detail()));
            result = replay(order, transport, memory);
        }
        link.send(new Message.Done(result));
    }

    private ComputeResult replay(Message.Replay order, Transport transport, FineMemAllocator memory) {
        RawCas raw = new RawCas(transport, memory, () -> session(order));
        Histogram rawNanos = raw.measure();
        OperationCosts allocations = memory.allocationCosts();
        OperationCosts frees = memory.freeCosts();
        TraceReplay replay = new TraceReplay(memory, new ReplayOptions(order.number(), order.speed()), this::report);
        for (String name : order.traces()) {
            replay.replay(ReplayPlan.of(RecordedTraces.load(name), order.bounds()));
        }
        link.send(new Message.Holding(replay.heldBytes()));
        link.receive(Message.Finish.class);
        replay.freeAll();
        allocations = minus(memory.allocationCosts(), allocations);
        frees = minus(memory.freeCosts(), frees);
        rawNanos.add(raw.measure());
        return ComputeResult.of(order.number(), replay.tally(), allocations, frees, Latencies.encode(rawNanos));
    }

    private void report(long operations) {
        link.requireParent();
        if (System.nanoTime() - lastReport >= REPORT_NANOS) {
            link.send(new Message.Progress(operations));
            lastReport = System.nanoTime();
        }
    }

    private static MemoryNodeControl session(Message.Replay order) {
        return ControlClient.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), order.port()),
                DemoProcess.secret(order.fabric()),
                "compute" + order.number(),
                DemoProcess.TIMEOUTS);
    }

    /** One worker: the replay has one thread. */
    private static AllocatorOptions options() {
        return AllocatorOptions.defaults().withWorkers(1).withOperationTimeout(OPERATION_TIMEOUT);
    }

    private static OperationCosts minus(OperationCosts later, OperationCosts earlier) {
        return new OperationCosts(
                later.count() - earlier.count(),
                later.doorbells() - earlier.doorbells(),
                later.roundTrips() - earlier.roundTrips(),
                later.verbs() - earlier.verbs());
    }
}
