package io.finemem.simulation.explore;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Scenarios that share one effort, some at the same time, and how far they are. */
final class Campaign implements AutoCloseable {
    private static final int TELL_EVERY_SECONDS = 10;

    private final int scenarios;
    private final Effort effort;
    private final Consumer<String> progress;
    private final long start = System.nanoTime();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicLong states = new AtomicLong();
    private final Map<String, Explorer> running = new ConcurrentSkipListMap<>();
    private final ScheduledExecutorService teller;

    Campaign(int scenarios, Effort effort, Consumer<String> progress) {
        this.scenarios = scenarios;
        this.effort = effort;
        this.progress = progress;
        this.teller = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "finemem-explore-progress");
            thread.setDaemon(true);
            return thread;
        });
        teller.scheduleAtFixedRate(this::tell, TELL_EVERY_SECONDS, TELL_EVERY_SECONDS, TimeUnit.SECONDS);
    }

    Outcome explore(Scenario scenario) {
        Limits limits = limits(scenario);
        Explorer explorer = new Explorer(scenario, Rules.KEPT);
        running.put(scenario.name(), explorer);
        try {
            Outcome outcome = explorer.run(limits);
            states.addAndGet(outcome.states());
            return outcome;
        } finally {
            running.remove(scenario.name());
            ended.incrementAndGet();
        }
    }

    /** Time that is left is shared evenly among the scenarios that have not begun; what one does not need others get. */
    private Limits limits(Scenario scenario) {
        long most = effort.states() > 0 ? effort.states() : effort.timed() ? Limits.MOST_STATES : usual(scenario);
        int left = scenarios - begun.getAndIncrement();
        if (!effort.timed()) {
            return Limits.of(most);
        }
        long now = System.nanoTime();
        long rest = Math.max(0, effort.time().toNanos() - (now - start));
        double share = Math.min(1, (double) effort.threads() / left);
        return new Limits(Math.min(most, Limits.MOST_STATES), now + (long) (rest * share));
    }

    private static long usual(Scenario scenario) {
        return Scenarios.CUT_OFF.contains(scenario.name()) ? Scenarios.CUT_OFF_STATES : Limits.MOST_STATES;
    }

    private void tell() {
        StringBuilder line = new StringBuilder();
        long found = states.get();
        for (Map.Entry<String, Explorer> one : running.entrySet()) {
            int states = one.getValue().found();
            found += states;
            line.append(String.format(Locale.ROOT, "; %s %,d", one.getKey(), states));
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
        progress.accept(String.format(
                Locale.ROOT, "%d s: %d of %d scenarios, %,d states%s", seconds, ended.get(), scenarios, found, line));
    }

    @Override
    public void close() {
        teller.shutdownNow();
    }
}
