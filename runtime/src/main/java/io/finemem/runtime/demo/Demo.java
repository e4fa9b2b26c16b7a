package io.finemem.runtime.demo;

import io.finemem.api.ProtocolViolation;
import io.finemem.runtime.control.ControlClient;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.runtime.trace.RecordedTraces;
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
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One run of the demonstration: starts the processes, audits the pool while the compute processes hold what their programs
 * held at their ends, and again when they have freed everything. Used once, by one thread.
 */
final class Demo {
    private static final String SHARED_MEMORY = "shm";
    private static final String DIRECTORY = "directory";
    private static final long LONGEST_BLOCK_BYTES = 64 * 1024;

    private final DemoOptions options;
    private final ChosenTransport chosen;
    private final DemoProgress progress;
    private final List<ReplayPlan> plans;
    private final Children children = new Children();
    private final Map<ChildProcess, Compute> computes = new LinkedHashMap<>();

    /** What one compute process has said so far. */
    private static final class Compute {
        Message.@Nullable Connected connected;
        Message.@Nullable Holding holding;
        Message.@Nullable Done done;
        long operations;

        void said(Message message) {
            if (message instanceof Message.Connected said) {
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

    Demo(DemoOptions options, ChosenTransport chosen, DemoProgress progress) {
        this.options = options;
        this.chosen = chosen;
        this.progress = progress;
        this.plans = options.traces().stream()
                .map(RecordedTraces::load)
                .map(trace -> ReplayPlan.of(trace, LONGEST_BLOCK_BYTES, options.maxOperations()))
                .toList();
    }

    /** What each process replays. */
    List<ReplayPlan> plans() {
        return plans;
    }

    /** Bytes of the pool: as asked for, or enough for all processes at their peaks with some room for fragmentation. */
    long poolBytes() {
        if (options.poolBytes() > 0) {
            return options.poolBytes();
        }
        long peak = plans.stream().mapToLong(ReplayPlan::peakBytes).max().orElse(0);
        long wanted = peak * DemoOptions.COMPUTE_PROCESSES * 5 / 4 + DemoOptions.SECTION_BYTES;
        return (wanted / DemoOptions.SECTION_BYTES + 1) * DemoOptions.SECTION_BYTES;
    }

    /** Runs it; leaves no process and no file behind. */
    DemoReport run() {
        long begun = System.nanoTime();
        try (SharedDirectory directory =
                        SharedDirectory.create(chosen.settings().getOrDefault(DIRECTORY, ""));
                children;
                Cleanup cleanup = new Cleanup(children, directory)) {
            return run(fabric(directory), begun);
        }
    }

    private Message.Fabric fabric(SharedDirectory directory) {
        byte[] secret = new byte[PresharedSecret.BYTES];
        new SecureRandom().nextBytes(secret);
        Map<String, String> settings = new HashMap<>(chosen.settings());
        if (chosen.name().equals(SHARED_MEMORY)) {
            settings.put(DIRECTORY, directory.path().toString());
        }
        return new Message.Fabric(
                chosen.name(), settings, Base64.getEncoder().encodeToString(secret));
    }

    private DemoReport run(Message.Fabric fabric, long begun) {
        ChildProcess node = children.start("memory node", DemoProcess.MEMORY_NODE);
        for (int i = 1; i <= DemoOptions.COMPUTE_PROCESSES; i++) {
            computes.put(children.start("compute " + i, DemoProcess.COMPUTE), new Compute());
        }
        node.send(new Message.ServeMemory(fabric, poolBytes()));
        int port = awaitServing();
        startReplays(fabric, port);
        try (ControlClient control = ControlClient.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                DemoProcess.secret(fabric),
                "demo",
                DemoProcess.TIMEOUTS)) {
            Audit whileHeld = auditWhileHeld(control);
            List<ComputeResult> results = finish();
            Audit atEnd = Audit.of(control.audit(), 0);
            node.send(new Message.Finish());
            double seconds = (double) (System.nanoTime() - begun) / TimeUnit.SECONDS.toNanos(1);
            return DemoReport.of(chosen, device(), poolBytes(), plans, results, whileHeld, atEnd, seconds);
        }
    }
}
