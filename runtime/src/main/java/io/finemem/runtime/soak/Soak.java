package io.finemem.runtime.soak;

import io.finemem.api.OperationTimeout;
import io.finemem.runtime.control.ControlClient;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.runtime.demo.ChosenTransport;
import io.finemem.runtime.demo.SharedDirectory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One kill loop: a memory node and owner processes under load; {@code kill -9} of random ones, others take their place;
 * some are stopped for longer than their lease and go on. Used once, by one thread.
 *
 * <p>Every few kills, and at the end, all owners pause: each reads every block and checks its pattern and names what it
 * holds; no two hold the same byte; the pool is audited, and what is free and what is held must be the whole pool. At the
 * very end one owner allocates every chunk of the pool.
 */
public final class Soak {
    private static final String DIRECTORY = "directory";
    private static final int LONGEST_PAUSE_MILLIS = 30;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final SoakOptions options;
    private final ChosenTransport chosen;
    private final Consumer<String> progress;
    private final Random random;
    private final SoakChildren children = new SoakChildren();
    private final List<OwnerProcess> working = new ArrayList<>();
    private final Deque<OwnerProcess> spares = new ArrayDeque<>();
    private final Map<SoakChild, OwnerProcess> processes = new HashMap<>();
    private @Nullable Integer port;
    private int nextOwner;
    private int killedOwners;
    private int killedProcesses;
    private int stopped;
    private int fenced;
    private int checks;
    private long operations;

    /**
     * A run that has not begun.
     *
     * @param progress told in words how far it is
     */
    public Soak(SoakOptions options, ChosenTransport chosen, Consumer<String> progress) {
        this.options = options;
        this.chosen = chosen;
        this.progress = progress;
        this.random = new Random(options.seed());
    }

    /**
     * Runs it; leaves no process and no file behind.
     *
     * @throws io.finemem.api.FineMemException if anything is wrong, with the seed
     */
    public SoakReport run() {
        long begun = System.nanoTime();
        SharedDirectory directory = SharedDirectory.create(chosen.settings().getOrDefault(DIRECTORY, ""));
        try (directory;
                children) {
            Fabric fabric = fabric(directory);
            SoakChild node = children.start("memory node", SoakProcess.MEMORY_NODE);
            node.send(fabric.line());
            node.send(options.poolBytes() + " " + options.isolation() + " " + options.owners() * 8 + " "
                    + options.lease().toMillis());
            SoakReport report = run(fabric, begun);
            node.end();
            return report;
        }
    }

    private Fabric fabric(SharedDirectory directory) {
        byte[] secret = new byte[PresharedSecret.BYTES];
        new SecureRandom().nextBytes(secret);
        Map<String, String> settings = new TreeMap<>(chosen.settings());
        if (chosen.name().equals("shm")) {
            settings.put(DIRECTORY, directory.path().toString());
        }
        return new Fabric(chosen.name(), settings, Base64.getEncoder().encodeToString(secret));
    }

    private SoakReport run(Fabric fabric, long begun) {
        for (int i = 0; i < options.processes() + options.spares(); i++) {
            startSpare(fabric);
        }
        await("the memory node to serve", () -> port != null);
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port());
        try (ControlClient control = ControlClient.connect(address, fabric.key(), "soak", SoakProcess.TIMEOUTS)) {
            for (int i = 0; i < options.processes(); i++) {
                putToWork();
            }
            PoolChecks pool = new PoolChecks(control, options, this::await);
            while (killedOwners < options.kills()) {
                disturb(fabric, control);
                if (killedProcesses % options.checkEvery() == 0) {
                    check(pool);
                }
            }
            check(pool);
            long chunks = finish(pool);
            double seconds = (System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1);
            return new SoakReport(
                    options.seed(),
                    killedOwners,
                    killedProcesses,
                    stopped,
                    fenced,
                    operations,
                    checks,
                    chunks,
                    seconds);
        }
    }

    private int port() {
        if (port == null) {
            throw new IllegalStateException("the memory node does not serve yet");
        }
        return port;
    }

    private void startSpare(Fabric fabric) {
        int first = nextOwner;
        nextOwner += options.ownersPerProcess();
        SoakChild child = children.start("owners from " + first, SoakProcess.OWNERS);
        child.send(fabric.line());
        OwnerProcess process = new OwnerProcess(child, first, options.ownersPerProcess());
        processes.put(child, process);
        spares.add(process);
    }

    private void putToWork() {
        OwnerProcess process = spares.remove();
        await("a process to be ready", process::ready);
        process.child()
                .send("join " + port() + " " + process.first() + " " + options.ownersPerProcess() + " "
                        + options.maxBlockBytes() + " " + options.seed() + " " + options.paceMicros());
        working.add(process);
    }

    private void disturb(Fabric fabric, ControlClient control) {
        OwnerProcess victim = working.get(random.nextInt(working.size()));
        await("its owners to work", victim::working);
        listenFor(TimeUnit.MILLISECONDS.toNanos(random.nextInt(LONGEST_PAUSE_MILLIS)));
        boolean stopDue =
                stopped < options.stops() && killedOwners * (options.stops() + 1L) / options.kills() > stopped;
        if (stopDue) {
            stopPastLease(victim, control);
        } else {
            kill(victim, fabric);
        }
    }

    private void kill(OwnerProcess victim, Fabric fabric) {
        victim.child().kill();
        working.remove(victim);
        operations += victim.operations();
        killedProcesses++;
        killedOwners += options.ownersPerProcess();
        int ahead = (options.kills() - killedOwners) / options.ownersPerProcess() + 1;
        if (spares.size() <= Math.min(options.spares(), ahead)) {
            startSpare(fabric);
        }
        putToWork();
        progress.accept(killedOwners + " of " + options.kills() + " owners killed");
    }

    /** The memory node takes its owners for dead; when it goes on, each of them has to learn it, and joins again. */
    private void stopPastLease(OwnerProcess victim, ControlClient control) {
        int before = victim.fenced();
        List<Integer> ids = PoolChecks.ownersNamed(control.inspect(), victim.first(), options.ownersPerProcess());
        victim.child().stop();
        try {
            await("the owners of a stopped process to be fenced", () -> PoolChecks.noneLives(control.inspect(), ids));
        } finally {
            victim.child().resume();
        }
        await("fenced owners to learn it", () -> victim.fenced() - before >= options.ownersPerProcess());
        fenced += victim.fenced() - before;
        stopped++;
        progress.accept("a process was stopped past its lease, its owners joined again");
    }

    private void check(PoolChecks pool) {
        pool.awaitRecovered();
        for (OwnerProcess process : working) {
            process.forgetHeld();
            process.child().send(OwnerLoad.PAUSE);
        }
        await("all owners to pause", () -> working.stream().allMatch(OwnerProcess::paused));
        pool.requireEverythingAccountedFor(working);
        working.forEach(process -> process.child().send(OwnerLoad.RESUME));
        checks++;
    }

    /** Everything is freed, and then the whole pool can be had, every chunk once. */
    private long finish(PoolChecks pool) {
        for (OwnerProcess process : working) {
            operations += process.operations();
            process.child().send(OwnerLoad.PAUSE);
            process.child().send(OwnerLoad.FREE);
        }
        await("all owners to free everything", () -> working.stream().allMatch(OwnerProcess::freed));
        pool.awaitUsed(0);
        OwnerProcess last = working.get(0);
        last.child().send(OwnerLoad.FILL + " 0");
        await("an owner to fill the pool", () -> last.filled() >= 0);
        pool.requireAll(last.filled());
        pool.awaitUsed(0);
        working.forEach(process -> process.child().end());
        spares.forEach(process -> process.child().end());
        return last.filled();
    }

    private void await(String what, BooleanSupplier condition) {
        Duration patience = SoakProcess.PATIENCE;
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() >= deadline) {
                throw new OperationTimeout(
                        "waited in vain for " + what, "seconds", patience.toSeconds(), "seed", options.seed());
            }
            listenFor(POLL_NANOS);
        }
    }

    /** Takes in what is said, for at most that long after the last word. */
    private void listenFor(long nanos) {
        long deadline = System.nanoTime() + nanos;
        SoakChild.Heard heard = children.next(nanos);
        while (heard != null) {
            hear(heard);
            heard = children.next(deadline - System.nanoTime());
        }
    }

    private void hear(SoakChild.Heard heard) {
        OwnerProcess process = processes.get(heard.child());
        if (process == null) {
            port = Integer.valueOf(heard.words()[1]);
        } else {
            process.said(heard.words());
        }
    }
}
