package io.finemem.runtime.demo;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.RemoteMemory;
import io.finemem.runtime.trace.RecordedTraces;
import io.finemem.runtime.trace.ReplayOptions;
import io.finemem.runtime.trace.ReplayPlan;
import io.finemem.runtime.trace.ReplayTally;
import io.finemem.runtime.trace.TraceReplay;
import io.finemem.service.client.ServiceClientOptions;
import io.finemem.service.client.ServiceMemory;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportDescription;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
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
        Message.Fabric fabric = link.receive(Message.Prepare.class).fabric();
        link.watchOver(fabric.directory());
        ComputeResult result;
        try (Transport transport = DemoProcess.openTransport(fabric)) {
            Message.Replay order = link.receive(Message.Replay.class);
            result = order.socket().isEmpty()
                    ? replay(order, transport, () -> session(fabric, order))
                    : replayThroughService(order, transport);
        }
        link.send(new Message.Done(result));
    }

    private ComputeResult replay(Message.Replay order, Transport transport, Supplier<MemoryNodeControl> sessions) {
        try (FineMemAllocator memory = FineMemAllocator.open(transport, List.of(sessions.get()), options())) {
            TransportDescription device = transport.description();
            link.send(new Message.Connected(device.transport(), device.device(), device.detail()));
            RawCas raw = new RawCas(transport, memory, sessions);
            Histogram rawNanos = raw.measure();
            OperationCosts allocations = memory.allocationCosts();
            OperationCosts frees = memory.freeCosts();
            ReplayTally tally = replay(order, memory);
            allocations = minus(memory.allocationCosts(), allocations);
            frees = minus(memory.freeCosts(), frees);
            rawNanos.add(raw.measure());
            return ComputeResult.of(order.number(), tally, allocations, frees, Latencies.encode(rawNanos));
        }
    }

    /** What it cost on the fabric, and the yardstick, are the service's to tell. */
    private ComputeResult replayThroughService(Message.Replay order, Transport transport) {
        ServiceClientOptions options = ServiceClientOptions.at(Path.of(order.socket()), "compute" + order.number())
                .withThreads(1);
        try (ServiceMemory memory = ServiceMemory.open(transport, options)) {
            TransportDescription device = transport.description();
            link.send(new Message.Connected(device.transport(), device.device(), device.detail()));
            ReplayTally tally = replay(order, memory);
            return ComputeResult.of(
                    order.number(),
                    tally,
                    new OperationCosts(tally.allocations(), 0, 0, 0),
                    new OperationCosts(tally.frees(), 0, 0, 0),
                    Latencies.encode(Latencies.empty()));
        }
    }

    private ReplayTally replay(Message.Replay order, RemoteMemory memory) {
        TraceReplay replay = new TraceReplay(memory, new ReplayOptions(order.number(), order.speed()), this::report);
        List<ReplayPlan> plans = order.traces().stream()
                .map(name -> ReplayPlan.of(RecordedTraces.load(name), order.bounds()))
                .toList();
        for (int round = 1; round <= order.rounds(); round++) {
            if (round == DemoOptions.firstTimed(order.rounds())) {
                replay.forgetLatencies();
            }
            plans.forEach(replay::replay);
        }
        link.send(new Message.Holding(replay.heldBytes()));
        link.receive(Message.Finish.class);
        replay.freeAll();
        return replay.tally();
    }

    private void report(long operations) {
        link.requireParent();
        if (System.nanoTime() - lastReport >= REPORT_NANOS) {
            link.send(new Message.Progress(operations));
            lastReport = System.nanoTime();
        }
    }

    private static MemoryNodeControl session(Message.Fabric fabric, Message.Replay order) {
        return DemoProcess.session(fabric, order.port(), "compute" + order.number());
    }

    /** One worker: the replay has one thread. */
    private static AllocatorOptions options() {
        return AllocatorOptions.defaults().withWorkers(1).withOperationTimeout(OPERATION_TIMEOUT);
    }

    static OperationCosts minus(OperationCosts later, OperationCosts earlier) {
        return new OperationCosts(
                later.count() - earlier.count(),
                later.doorbells() - earlier.doorbells(),
                later.roundTrips() - earlier.roundTrips(),
                later.verbs() - earlier.verbs());
    }
}
