package io.finemem.runtime.demo;

import io.finemem.api.InvalidRequest;
import io.finemem.api.ProtocolViolation;
import io.finemem.runtime.control.ControlClient;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.runtime.trace.RecordedTraces;
import io.finemem.runtime.trace.ReplayBounds;
import io.finemem.runtime.trace.ReplayPlan;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of the demonstration: starts the processes, audits the pool while the compute processes hold what their
 * programs held at their ends, and again when they have freed everything. Used once, by one thread.
 */
public final class Demo {
    private static final long REVOCATION_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long AUDIT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final Logger LOG = LoggerFactory.getLogger(Demo.class);
    private static final String SHARED_MEMORY = "shm";
    private static final String DIRECTORY = "directory";

    private final DemoOptions options;
    private final ChosenTransport chosen;
    private final DemoProgress progress;
    private final List<ReplayPlan> plans;
    private final Children children = new Children();
    private final Map<ChildProcess, Compute> computes = new LinkedHashMap<>();
    private final Compute serviceSays = new Compute();
    private @Nullable ChildProcess service;

    /** What one compute process has said so far. */
    private static final class Compute {
        Message.@Nullable Open open;
        Message.@Nullable Connected connected;
        Message.@Nullable Holding holding;
        Message.@Nullable Done done;
        long operations;

        void said(Message message) {
            if (message instanceof Message.Open said) {
                open = said;
            } else if (message instanceof Message.Connected said) {
                connected = said;
            } else if (message instanceof Message.Progress said) {
                operations = said.operations();
            } else if (message instanceof Message.Holding said) {
                holding = said;
            } else if (message instanceof Message.Done said) {
                done = said;
            } else {
                throw new ProtocolViolation("a compute process said something unexpected", "message", message);
            }
        }
    }

    /**
     * A demonstration that was not run yet; its traces are read now.
     *
     * @param progress told how far it is
     */
    public Demo(DemoOptions options, ChosenTransport chosen, DemoProgress progress) {
        this.options = options;
        this.chosen = chosen;
        this.progress = progress;
        this.plans = options.traces().stream()
                .map(RecordedTraces::load)
                .map(trace -> ReplayPlan.of(trace, options.bounds()))
                .toList();
    }

    /** What each process replays. */
    public List<ReplayPlan> plans() {
        return plans;
    }

    /** How often each process replays it. */
    public int rounds() {
        return options.rounds();
    }

    /** Whether the compute processes allocate through an allocation service. */
    public boolean throughService() {
        return options.service();
    }

    /** How much of the traces that is. */
    public ReplayBounds bounds() {
        return options.bounds();
    }

    /** Bytes of the pool: as asked for, or enough for all processes at their peaks with some room for fragmentation. */
    public long poolBytes() {
        long peak = plans.stream().mapToLong(ReplayPlan::peakBytes).max().orElse(0) * DemoOptions.COMPUTE_PROCESSES;
        long wanted = (peak * 5 / 4 / DemoOptions.SECTION_BYTES + 2) * DemoOptions.SECTION_BYTES;
        if (options.poolBytes() == 0) {
            return wanted;
        }
        if (options.poolBytes() < peak) {
            throw new InvalidRequest("--pool of " + mebi(options.poolBytes())
                    + " is too small for these traces, which hold " + mebi(peak) + " at their peaks: give "
                    + mebi(wanted) + ", or a part of the traces by --operations");
        }
        return options.poolBytes();
    }

    private static String mebi(long bytes) {
        return (bytes + (1 << 20) - 1 >> 20) + "MiB";
    }

    /** Runs it; leaves no process and no file behind. */
    public DemoReport run() {
        long begun = System.nanoTime();
        SharedDirectory directory = SharedDirectory.create(chosen.settings().getOrDefault(DIRECTORY, ""));
        Cleanup cleanup = Cleanup.install(children, directory);
        try (directory;
                children) {
            return run(fabric(directory), begun);
        } finally {
            cleanup.remove();
        }
    }

    private Message.Fabric fabric(SharedDirectory directory) {
        byte[] secret = new byte[PresharedSecret.BYTES];
        new SecureRandom().nextBytes(secret);
        String files = directory.path().toString();
        Map<String, String> settings = new HashMap<>(chosen.settings());
        if (chosen.name().equals(SHARED_MEMORY)) {
            settings.put(DIRECTORY, files);
        }
        return new Message.Fabric(chosen.name(), settings, Base64.getEncoder().encodeToString(secret), files);
    }

    private DemoReport run(Message.Fabric fabric, long begun) {
        ChildProcess node = children.start("memory node", DemoProcess.MEMORY_NODE);
        if (options.service()) {
            service = children.start("allocation service", DemoProcess.SERVICE);
            service.send(new Message.Prepare(fabric));
        }
        for (int i = 1; i <= DemoOptions.COMPUTE_PROCESSES; i++) {
            computes.put(children.start("compute " + i, DemoProcess.COMPUTE), new Compute());
        }
        node.send(new Message.ServeMemory(fabric, poolBytes(), options.isolation(), options.zeroOnFree()));
        computes.keySet().forEach(child -> child.send(new Message.Prepare(fabric)));
        int port = awaitServing();
        LOG.debug("the memory node serves after {} ms", millisSince(begun));
        startReplays(port, service == null ? "" : awaitOpen(service, port));
        Outcome outcome = replayAndAudit(fabric, port);
        LOG.debug("everything is freed after {} ms", millisSince(begun));
        node.send(new Message.Finish());
        List<String> unruly = children.unruly();
        double seconds = (double) (System.nanoTime() - begun) / TimeUnit.SECONDS.toNanos(1);
        return DemoReport.of(chosen, device(), poolBytes(), plans, options.rounds(), outcome, unruly, seconds);
    }

    private static long millisSince(long begun) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    }

    private Outcome replayAndAudit(Message.Fabric fabric, int port) {
        try (ControlClient control = ControlClient.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                DemoProcess.secret(fabric),
                "demo",
                DemoProcess.TIMEOUTS)) {
            Audit whileHeld = auditWhileHeld(control);
            List<ComputeResult> results = finish();
            return new Outcome(results, whileHeld, settledAudit(control, 0));
        }
    }

    private int awaitServing() {
        while (true) {
            ChildProcess.Heard heard = children.next(DemoProcess.PATIENCE);
            if (heard.message() instanceof Message.Serving serving) {
                return serving.port();
            }
            saidBy(heard);
        }
    }

    /** The socket of the service. */
    private String awaitOpen(ChildProcess child, int port) {
        child.send(new Message.ServeApplications(port));
        while (serviceSays.open == null) {
            saidBy(children.next(DemoProcess.PATIENCE));
        }
        return serviceSays.open.socket();
    }

    private void startReplays(int port, String socket) {
        progress.begin((long) DemoOptions.COMPUTE_PROCESSES
                * options.rounds()
                * plans.stream().mapToLong(ReplayPlan::operations).sum());
        int number = 1;
        for (ChildProcess child : computes.keySet()) {
            child.send(new Message.Replay(
                    port, socket, number, options.traces(), options.rounds(), options.bounds(), options.speed()));
            number++;
        }
    }

    /** All processes hold what they hold and do nothing: bits, journals and their own books must agree. */
    private Audit auditWhileHeld(ControlClient control) {
        listenUntil(compute -> compute.holding != null);
        long heldBytes = computes.values().stream()
                .mapToLong(compute -> Objects.requireNonNull(compute.holding).bytes())
                .sum();
        return settledAudit(control, heldBytes);
    }

    /** Nobody does anything any more, but in strict isolation freed blocks may still be being revoked. */
    private static Audit settledAudit(ControlClient control, long heldBytes) {
        long deadline = System.nanoTime() + REVOCATION_NANOS;
        while (true) {
            Audit audit = Audit.of(control.audit(), heldBytes);
            if (audit.passed() || System.nanoTime() - deadline > 0) {
                return audit;
            }
            LockSupport.parkNanos(AUDIT_PAUSE_NANOS);
        }
    }

    private List<ComputeResult> finish() {
        computes.keySet().forEach(child -> child.send(new Message.Finish()));
        listenUntil(compute -> compute.done != null);
        progress.close();
        List<ComputeResult> results = new ArrayList<>();
        computes.values()
                .forEach(compute ->
                        results.add(Objects.requireNonNull(compute.done).result()));
        if (service != null) {
            results.add(finish(service));
        }
        return results;
    }

    private ComputeResult finish(ChildProcess child) {
        child.send(new Message.Finish());
        while (serviceSays.done == null) {
            saidBy(children.next(DemoProcess.PATIENCE));
        }
        return serviceSays.done.result();
    }

    private Message.Connected device() {
        return computes.values().stream()
                .map(compute -> Objects.requireNonNull(compute.connected))
                .findFirst()
                .orElseThrow();
    }

    private void listenUntil(Predicate<Compute> condition) {
        while (!computes.values().stream().allMatch(condition)) {
            saidBy(children.next(DemoProcess.PATIENCE));
        }
    }

    private void saidBy(ChildProcess.Heard heard) {
        Compute compute = heard.child() == service ? serviceSays : computes.get(heard.child());
        if (compute == null) {
            throw new ProtocolViolation("the memory node said something unexpected", "message", heard.message());
        }
        compute.said(heard.message());
        LOG.debug("{} says {}", heard.child().name(), heard.message().getClass().getSimpleName());
        progress.done(computes.values().stream().mapToLong(c -> c.operations).sum());
    }
}
