package io.finemem.runtime.soak.system;

import io.finemem.api.ProtocolViolation;
import io.finemem.runtime.demo.ChosenTransport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One run: the daemons and applications are started, disturbed while they work, and ended; whoever is not killed has to go on
 * within bounded time after each fault, and every pool is audited then. Used once, by one thread.
 */
public final class SystemSoak {
    /** Chunks that a service may have claimed ahead at a memory node. */
    private static final long MOST_AHEAD = 32;

    /** A fault that nobody waited for. */
    private record Struck(Fault fault, Progress before, long beginning) {}

    private final SystemSoakOptions options;
    private final Consumer<String> progress;
    private final Random random;
    private final FaultSchedule schedule;
    private final Patience patience;
    private final NetworkFaults network;
    private final Daemons daemons;
    private final Optional<DirectoryServer> directory;
    private final Optional<ListedMembers> members;
    private final MemoryNodes nodes;
    private final Services services;
    private final Applications applications;
    private final Map<Fault, FaultTally> tallies = new EnumMap<>(Fault.class);
    private Optional<Struck> struck = Optional.empty();
    private long begun;
    private long ended;
    private boolean passed;

    /**
     * A run that has not begun, but for its directory.
     *
     * @param files directory for files and sockets, private and empty
     * @param logs directory for the logs of all processes
     * @param devices of the transport, or empty for its choice
     * @param progress told in words how far it is
     */
    public SystemSoak(
            SystemSoakOptions options,
            ChosenTransport chosen,
            List<String> devices,
            Path files,
            Path logs,
            Consumer<String> progress) {
        this.options = options;
        this.progress = progress;
        random = new Random(options.seed());
        schedule = new FaultSchedule(options.faults(), options.serviceEvery(), random);
        patience = new Patience(options.seed(), options.patience());
        network = new NetworkFaults(options.networkDevices());
        daemons = new Daemons(logs, options.jvmFlags());
        directory = options.redis() ? Optional.of(DirectoryServer.start(files)) : Optional.empty();
        Optional<Map<String, String>> settings = directory.map(server -> server.settings(options.lease()));
        members = settings.map(all -> new ListedMembers(all, options.memoryNodes(), options.services()));
        SystemLayout layout = new SystemLayout(
                files,
                chosen,
                devices,
                options,
                settings.map(ListedMembers::keys).orElse(Map.of()));
        nodes = new MemoryNodes(layout, daemons, patience);
        services = new Services(options.services(), layout, daemons, patience, nodes);
        applications = new Applications(options, layout, daemons, patience, random);
    }

    /**
     * Runs it; leaves no process behind.
     *
     * @throws io.finemem.api.FineMemException if anything is wrong
     */
    public void run() {
        Thread hook = new Thread(this::endAll, "finemem-soak-cleanup");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            start();
            begun = System.nanoTime();
            disturbUntil(begun + options.duration().toNanos());
            ended = System.nanoTime();
            finish();
            passed = true;
        } catch (RuntimeException e) {
            new Autopsy(daemons, nodes, progress).run();
            throw e;
        } finally {
            network.close();
            nodes.close();
            endAll();
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    /** What was done and seen so far; after a failure also what was before it. */
    public SystemSoakReport report() {
        Progress all = applications.progress();
        long until = ended != 0 ? ended : System.nanoTime();
        return new SystemSoakReport(
                passed,
                options.seed(),
                tallies,
                all.operations(),
                all.sessions(),
                all.lostBlocks(),
                all.failed(),
                nodes.audits(),
                applications.longestPauseMillis(),
                begun == 0 ? 0 : (until - begun) / (double) TimeUnit.SECONDS.toNanos(1));
    }

    private void endAll() {
        daemons.close();
        directory.ifPresent(DirectoryServer::close);
    }

    private void start() {
        directory.ifPresent(server -> patience.await("the directory to answer", server::answers));
        nodes.start(options.memoryNodes());
        progress.accept("the memory nodes are ready");
        services.start();
        progress.accept("the services are ready");
        applications.start();
        awaitListed();
        progress.accept(daemons.started() + " processes work" + (options.redis() ? ", and a directory" : ""));
    }

    private void disturbUntil(long end) {
        long due = begun;
        while (System.nanoTime() < end || !schedule.complete()) {
            due = (options.steady() ? due : System.nanoTime()) + options.every().toNanos();
            patience.passUntil(due);
            if (!options.faults().isEmpty()) {
                inflict(schedule.next());
            }
        }
    }

    private void inflict(Fault fault) {
        if (options.steady()) {
            strike(fault);
        } else {
            disturb(fault);
        }
    }

    /** Whoever is still busy with what was done before. */
    private void strike(Fault fault) {
        if (fault == Fault.KILL_SERVICE) {
            services.awaitOwners();
            nodes.requireSound();
            services.restart(random.nextInt(services.count()));
        } else if (!applications.replaceWorking()) {
            progress.accept("no application works yet: none is killed");
            return;
        }
        countStruck();
        applications.takePauseMillis();
        struck = Optional.of(new Struck(fault, applications.progress(), System.nanoTime()));
    }

    /** What the last one has cost until now. */
    private void countStruck() {
        struck.ifPresent(last -> count(last.fault(), last.before(), last.beginning()));
        struck = Optional.empty();
    }

    private void disturb(Fault fault) {
        if (fault.on() == Fault.On.DIRECTORY) {
            applications.awaitTurnover(); // for it must cost nothing
        } else {
            applications.awaitWork();
        }
        Progress before = applications.progress();
        applications.takePauseMillis();
        long beginning = System.nanoTime();
        try {
            services.mayEnd(fault.mayFenceServices());
            begin(fault);
            services.awaitOwners();
            awaitListed();
            applications.awaitWork();
            nodes.requireSound();
        } finally {
            count(fault, before, beginning);
        }
        if (fault.on() == Fault.On.DIRECTORY) {
            requireUnharmed(fault, before, applications.progress());
        }
    }

    private void count(Fault fault, Progress before, long beginning) {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beginning);
        Progress after = applications.progress();
        FaultTally tally = new FaultTally(
                1,
                applications.takePauseMillis(),
                after.failed() - before.failed(),
                after.lostBlocks() - before.lostBlocks());
        tallies.merge(fault, tally, FaultTally::plus);
        progress.accept("after " + fault + ", " + seconds + " s, longest pause " + tally.longestPauseMillis() + " ms, "
                + tally.failed() + " allocations failed, " + tally.lostBlocks() + " blocks lost");
    }

    /** The directory says who is there; no allocation passes through it. */
    private void requireUnharmed(Fault fault, Progress before, Progress after) {
        if (after.failed() != before.failed()
                || after.sessions() != before.sessions()
                || after.lostBlocks() != before.lostBlocks()) {
            throw new ProtocolViolation(
                    "a fault of the directory has harmed applications",
                    "fault",
                    fault,
                    "before",
                    before,
                    "after",
                    after,
                    "seed",
                    options.seed());
        }
    }

    private void begin(Fault fault) {
        int application = random.nextInt(applications.count());
        int service = random.nextInt(services.count());
        int node = random.nextInt(nodes.count());
        switch (fault) {
            case KILL_APPLICATION -> applications.replace(application);
            case STOP_APPLICATION -> stopForLong(applications.process(application));
            case KILL_SERVICE -> services.restart(service);
            case STOP_SERVICE -> stopUntilFenced(services.process(service));
            case KILL_MEMORY_NODE -> nodes.restart(node);
            case STOP_MEMORY_NODE -> stopForLong(nodes.process(node));
            case KILL_DIRECTORY -> directory.ifPresent(this::killForLong);
            case STOP_DIRECTORY -> directory.ifPresent(this::stopForLong);
            case CUT_NETWORK -> network.during(fault, () -> patience.pass(shorterThanLease()));
            case LONG_CUT_NETWORK -> network.during(fault, () -> patience.pass(longerThanLease()));
            default -> network.during(fault, this::workOn);
        }
    }

    /** With a network that is bad, but there, everybody goes on. */
    private void workOn() {
        patience.pass(shorterThanLease());
        applications.awaitWork();
    }

    private Duration longerThanLease() {
        return options.lease().multipliedBy(3).dividedBy(2);
    }

    private Duration shorterThanLease() {
        return options.lease().dividedBy(3);
    }

    private void stopForLong(SystemProcess process) {
        process.stop();
        try {
            patience.pass(longerThanLease());
        } finally {
            process.resume();
        }
    }

    /** The memory nodes take its owner for dead; the service must not go on as if nothing had been. */
    private void stopUntilFenced(SystemProcess service) {
        service.stop();
        try {
            patience.await("the owner of a stopped service to be fenced", () -> {
                for (int node = 0; node < nodes.count(); node++) {
                    if (nodes.owned(node, service.name())) {
                        return false;
                    }
                }
                return true;
            });
        } finally {
            service.resume();
        }
    }

    private void killForLong(DirectoryServer server) {
        server.kill();
        patience.pass(longerThanLease());
        applications.awaitWork();
        server.restart(schedule.times(Fault.KILL_DIRECTORY) % 2 == 0);
        patience.await("the directory to answer again", server::answers);
    }

    private void stopForLong(DirectoryServer server) {
        server.stop();
        try {
            patience.pass(longerThanLease());
            applications.awaitWork();
        } finally {
            server.resume();
        }
    }

    private void awaitListed() {
        members.ifPresent(all -> patience.await("all to be listed in the directory", all::complete));
    }

    private void finish() {
        applications.awaitWork();
        countStruck();
        applications.finish();
        nodes.awaitUsed("chunks of ended applications to be free", services.count() * MOST_AHEAD);
        services.terminate();
        nodes.awaitUsed("the pool to be whole", 0);
        nodes.terminate();
    }
}
