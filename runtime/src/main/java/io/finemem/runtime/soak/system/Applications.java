package io.finemem.runtime.soak.system;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The applications of a run, spread over its services. Used by one thread. */
final class Applications {
    private final SystemSoakOptions options;
    /** Allocations and frees by turns, and half as many again. */
    private static final long TURNOVER = 3L * SoakApplication.HELD;

    private final SystemLayout layout;
    private final Daemons daemons;
    private final Patience patience;
    private final Random random;
    private final SystemProcess[] applications;
    private final long[] begun;
    private final List<SystemProcess> watched = new ArrayList<>();
    private Progress ended = Progress.NONE;
    private long longestPauseMillis;

    Applications(SystemSoakOptions options, SystemLayout layout, Daemons daemons, Patience patience, Random random) {
        this.options = options;
        this.layout = layout;
        this.daemons = daemons;
        this.patience = patience;
        this.random = random;
        this.applications = new SystemProcess[options.applications()];
        this.begun = new long[options.applications()];
    }

    void start() {
        patience.check(() -> watched.forEach(SystemProcess::requireGood));
        if (options.steady()) {
            patience.check(this::requireBegun);
        }
        for (int i = 0; i < applications.length; i++) {
            start(i);
        }
        awaitWork();
    }

    private void start(int application) {
        Path config = layout.application(application, application % options.services());
        applications[application] = daemons.start(
                "app" + application,
                SoakApplication.class,
                List.of(config.toString(), Integer.toString(options.paceMicros()), Long.toString(random.nextLong())));
        begun[application] = System.nanoTime();
        watched.add(applications[application]);
    }

    /** Also a successor that nobody waits for has to work in time. */
    private void requireBegun() {
        long now = System.nanoTime();
        for (int i = 0; i < applications.length; i++) {
            if (applications[i] != null
                    && !works(i)
                    && now - begun[i] > patience.limit().toNanos()) {
                throw applications[i].failed("no progress " + patience.limit().toSeconds() + " s after its start");
            }
        }
    }

    private boolean works(int application) {
        return applications[application].progress().operations() > 0;
    }

    int count() {
        return applications.length;
    }

    SystemProcess process(int application) {
        return applications[application];
    }

    /** SIGKILL; another one takes its place. */
    void replace(int application) {
        watched.remove(applications[application]);
        applications[application].kill();
        ended = ended.plus(applications[application].progress());
        start(application);
    }

    /** SIGKILL to one that has worked; none if all are starting. */
    boolean replaceWorking() {
        int[] working =
                IntStream.range(0, applications.length).filter(this::works).toArray();
        if (working.length > 0) {
            replace(working[random.nextInt(working.length)]);
        }
        return working.length > 0;
    }

    /** Everybody makes progress, counted from now. */
    void awaitWork() {
        awaitWork(1);
    }

    /** Everybody has seen each block that it holds now: what a fault before has cost was noticed. */
    void awaitTurnover() {
        awaitWork(TURNOVER);
    }

    private void awaitWork(long operations) {
        long now = System.nanoTime();
        long[] before = Stream.of(applications)
                .mapToLong(application -> application.progress().operations())
                .toArray();
        for (int i = 0; i < applications.length; i++) {
            SystemProcess application = applications[i];
            long wanted = before[i] + operations;
            patience.await(
                    application.name() + " to make progress",
                    () -> application.progress().operations() >= wanted && application.heard() - now > 0);
        }
    }

    /** All that applications did, those that ended included. */
    Progress progress() {
        Progress sum = ended;
        for (SystemProcess application : started()) {
            sum = sum.plus(application.progress());
        }
        return sum;
    }

    /** Not all of them while the run begins. */
    private List<SystemProcess> started() {
        return Arrays.stream(applications).filter(Objects::nonNull).toList();
    }

    /** The longest pause that one told of since this was asked last. */
    long takePauseMillis() {
        long longest = 0;
        for (SystemProcess application : started()) {
            longest = Math.max(longest, application.takePauseMillis());
        }
        longestPauseMillis = Math.max(longestPauseMillis, longest);
        return longest;
    }

    /** The longest pause of all that this was asked for. */
    long longestPauseMillis() {
        return longestPauseMillis;
    }

    /** They give back what they hold, and end well. */
    void finish() {
        for (SystemProcess application : applications) {
            watched.remove(application); // its end is no failure any more
            application.finish();
        }
    }
}
