package io.finemem.runtime.soak.system;

import io.finemem.allocator.control.AuditReport;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OperationTimeout;
import io.finemem.api.ProtocolViolation;
import io.finemem.runtime.cli.FineMemCommand;
import io.finemem.runtime.control.ControlClient;
import io.finemem.runtime.control.ControlTimeouts;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.runtime.demo.ChosenTransport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One run: the daemons and applications are started, disturbed while they work, and ended; whoever is not killed has to go on
 * within bounded time after each fault. Used once, by one thread.
 */
public final class SystemSoak {
    /** Generous: under emulation a JVM may need a minute for what takes a second otherwise. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final ControlTimeouts TIMEOUTS = new ControlTimeouts(PATIENCE, PATIENCE, Duration.ofSeconds(1));
    private static final Pattern ADDRESS = Pattern.compile("ready name=\\S+ address=\\S+:(\\d+) .*");
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** Chunks that a service may have claimed ahead at a memory node. */
    private static final long MOST_AHEAD = 32;

    private static final Duration SHORT_STOP = Duration.ofSeconds(1);

    private final SystemSoakOptions options;
    private final SystemLayout layout;
    private final Consumer<String> progress;
    private final Random random;
    private final NetworkFaults network;
    private final List<SystemProcess> all = new ArrayList<>();
    private final List<SystemProcess> nodes = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final List<ControlClient> controls = new ArrayList<>();
    private final SystemProcess[] services;
    private final List<SystemProcess> watched = new ArrayList<>();
    private final SystemProcess[] applications;
    private final Map<Fault, Integer> done = new EnumMap<>(Fault.class);
    private final long[] counts = new long[3];

    /**
     * A run that has not begun.
     *
     * @param directory for files and sockets, private and empty
     * @param devices of the transport, or empty for its choice
     * @param progress told in words how far it is
     */
    public SystemSoak(
            SystemSoakOptions options,
            ChosenTransport chosen,
            List<String> devices,
            Path directory,
            Consumer<String> progress) {
        this.options = options;
        this.layout = new SystemLayout(directory, chosen, devices);
        this.progress = progress;
        this.random = new Random(options.seed());
        this.network = new NetworkFaults(options.networkDevice());
        this.services = new SystemProcess[options.services()];
        this.applications = new SystemProcess[options.applications()];
    }

    /**
     * Runs it; leaves no process behind.
     *
     * @throws io.finemem.api.FineMemException if anything is wrong, with the seed
     */
    public SystemSoakReport run() {
        Thread hook = new Thread(() -> all.forEach(SystemProcess::close), "finemem-soak-cleanup");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            start();
            long begun = System.nanoTime();
            disturbUntil(begun + options.duration().toNanos());
            double seconds = (System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1);
            finish();
            return new SystemSoakReport(options.seed(), done, counts[0], counts[1], counts[2], seconds);
        } finally {
            network.close();
            controls.forEach(ControlClient::close);
            all.forEach(SystemProcess::close);
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private void start() {
        for (int i = 0; i < options.memoryNodes(); i++) {
            nodes.add(daemon("mn" + i, "memory-node", layout.memoryNode(i, 0, options)));
        }
        for (SystemProcess node : nodes) {
            ports.add(awaitPort(node));
            controls.add(control(ports.get(ports.size() - 1)));
        }
        for (int i = 0; i < services.length; i++) {
            startService(i);
        }
        for (SystemProcess service : services) {
            await(service.name() + " to be ready", () -> !service.ready().isEmpty());
        }
        for (int i = 0; i < applications.length; i++) {
            startApplication(i);
        }
        awaitWork();
        progress.accept(all.size() + " processes work");
    }

    private int awaitPort(SystemProcess node) {
        await(node.name() + " to be ready", () -> !node.ready().isEmpty());
        Matcher address = ADDRESS.matcher(node.ready());
        if (!address.matches()) {
            throw node.failed("it says " + node.ready());
        }
        return Integer.parseInt(address.group(1));
    }

    private ControlClient control(int port) {
        return ControlClient.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                PresharedSecret.load(layout.secret()),
                "soak",
                TIMEOUTS);
    }

    /** It comes back with nothing of what it held; every service that lives has to use it again. */
    private void killMemoryNode(int node) {
        nodes.get(node).kill();
        controls.get(node).close();
        Path config = layout.memoryNode(node, ports.get(node), options);
        nodes.set(node, daemon("mn" + node, "memory-node", config));
        controls.set(node, control(awaitPort(nodes.get(node))));
        await(
                "the services to use " + nodes.get(node).name() + " again",
                () -> controls.get(node).statistics().owners() == services.length);
    }

    private SystemProcess daemon(String name, String command, Path config) {
        return started(SystemProcess.start(
                name,
                layout.directory(),
                options.jvmFlags(),
                FineMemCommand.class,
                List.of(command, "-c", config.toString())));
    }

    private SystemProcess started(SystemProcess process) {
        all.add(process);
        return process;
    }

    private void startService(int service) {
        services[service] =
                daemon(SystemLayout.serviceName(service), "compute-node", layout.service(service, ports, options));
    }

    private void startApplication(int application) {
        Path config = layout.application(application, application % services.length);
        applications[application] = started(SystemProcess.start(
                "app" + application,
                layout.directory(),
                options.jvmFlags(),
                SoakApplication.class,
                List.of(config.toString(), Long.toString(random.nextLong()))));
        watched.add(applications[application]);
    }

    private void disturbUntil(long end) {
        List<Fault> often =
                options.faults().stream().filter(SystemSoak::ofApplication).toList();
        List<Fault> rare =
                options.faults().stream().filter(fault -> !ofApplication(fault)).toList();
        for (int turn = 1; System.nanoTime() < end; turn++) {
            listenFor(options.every());
            boolean rareTurn = !rare.isEmpty() && (turn % options.serviceEvery() == 0 || often.isEmpty());
            List<Fault> choice = rareTurn ? rare : often;
            if (!choice.isEmpty()) {
                Fault fault = choice.stream()
                        .min(Comparator.comparing(one -> done.getOrDefault(one, 0)))
                        .orElseThrow();
                disturb(fault);
                done.merge(fault, 1, Integer::sum);
                awaitWork();
                progress.accept("after " + fault + " all work");
            }
        }
    }

    private static boolean ofApplication(Fault fault) {
        return fault == Fault.KILL_APPLICATION || fault == Fault.STOP_APPLICATION;
    }

    private void disturb(Fault fault) {
        int application = random.nextInt(applications.length);
        int service = random.nextInt(services.length);
        switch (fault) {
            case KILL_APPLICATION -> {
                watched.remove(applications[application]);
                applications[application].kill();
                count(applications[application]);
                startApplication(application);
            }
            case STOP_APPLICATION -> {
                applications[application].stop();
                listenFor(SHORT_STOP);
                applications[application].resume();
            }
            case KILL_SERVICE -> {
                services[service].kill();
                startService(service);
            }
            case STOP_SERVICE -> stopPastLease(service);
            case KILL_MEMORY_NODE -> killMemoryNode(random.nextInt(nodes.size()));
            case LOSSY_NETWORK -> network.lossyFor(() -> listenFor(options.every()));
            case CUT_NETWORK -> network.cutFor(() -> listenFor(SHORT_STOP));
        }
    }

    /** The memory nodes take its owner for dead; the service must not go on as if nothing had been. */
    private void stopPastLease(int service) {
        SystemProcess stopped = services[service];
        stopped.stop();
        try {
            await("the owner of a stopped service to be fenced", () -> controls.stream()
                    .noneMatch(control -> control.inspect().owners().stream()
                            .anyMatch(owner -> owner.live() && owner.peerName().equals(stopped.name()))));
        } finally {
            stopped.resume();
        }
        await(
                "a fenced service to end, or to be an owner again",
                () -> !stopped.alive()
                        || controls.stream().allMatch(control -> control.inspect().owners().stream()
                                .anyMatch(owner ->
                                        owner.live() && owner.peerName().equals(stopped.name()))));
        if (!stopped.alive()) {
            startService(service); // as systemd would
        }
    }

    /** Everybody is there and makes progress, counted from now. */
    private void awaitWork() {
        for (SystemProcess service : services) {
            await(service.name() + " to be ready", () -> !service.ready().isEmpty());
        }
        long now = System.nanoTime();
        for (SystemProcess application : applications) {
            long before = application.progress()[0];
            await(
                    application.name() + " to make progress",
                    () -> application.progress()[0] > before && application.heard() - now > 0);
        }
    }

    private void count(SystemProcess application) {
        long[] reached = application.progress();
        Arrays.setAll(counts, i -> counts[i] + reached[i]);
    }

    private void finish() {
        for (int i = 0; i < applications.length; i++) {
            watched.remove(applications[i]); // its end is no failure any more
            applications[i].finish();
            count(applications[i]);
        }
        for (int i = 0; i < controls.size(); i++) {
            awaitUnused("chunks of ended applications to be free", i);
        }
        for (SystemProcess service : services) {
            service.terminate();
        }
        for (int i = 0; i < controls.size(); i++) {
            awaitUnused("the pool to be whole", i);
        }
        controls.forEach(ControlClient::close);
        controls.clear();
        nodes.forEach(SystemProcess::terminate);
    }

    /** On a machine that is too busy for heartbeats the session may have been ended. */
    private AuditReport audit(int node) {
        try {
            return controls.get(node).audit();
        } catch (MemoryNodeLost e) {
            controls.get(node).close();
            controls.set(node, control(ports.get(node)));
            return controls.get(node).audit();
        }
    }

    /** What services claimed ahead is in use, and explained by their journals. */
    private void awaitUnused(String what, int index) {
        SystemProcess node = nodes.get(index);
        boolean services = Arrays.stream(this.services).anyMatch(SystemProcess::alive);
        AuditReport[] last = new AuditReport[1];
        try {
            await(what, () -> {
                AuditReport audit = audit(index);
                last[0] = audit;
                if (!audit.violations().isEmpty()) {
                    throw node.failed("the audit finds broken invariants: " + audit);
                }
                return audit.usedChunks() == audit.explainedChunks() && audit.usedChunks() <= (services ? ahead() : 0);
            });
        } catch (OperationTimeout e) {
            ProtocolViolation lost = node.failed("chunks are lost: " + last[0]);
            lost.addSuppressed(e);
            throw lost;
        }
    }

    private long ahead() {
        return (long) services.length * MOST_AHEAD;
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() >= deadline) {
                throw new OperationTimeout(
                        "waited in vain for " + what, "seconds", PATIENCE.toSeconds(), "seed", options.seed());
            }
            LockSupport.parkNanos(POLL_NANOS);
            nodes.forEach(SystemProcess::requireGood);
            watched.forEach(SystemProcess::requireGood);
        }
    }

    private void listenFor(Duration time) {
        long deadline = System.nanoTime() + time.toNanos();
        await("time to pass", () -> System.nanoTime() >= deadline);
    }
}
