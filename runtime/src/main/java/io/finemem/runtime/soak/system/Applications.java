package io.finemem.runtime.soak.system;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The applications of a run, spread over its services. Used by one thread. */
final class Applications {
    private final SystemLayout layout;
    private final Daemons daemons;
    private final Patience patience;
    private final Random random;
    private final int services;
    private final int paceMicros;
    private final SystemProcess[] applications;
    private final List<SystemProcess> watched = new ArrayList<>();
    private Progress ended = Progress.NONE;

    Applications(SystemSoakOptions options, SystemLayout layout, Daemons daemons, Patience patience, Random random) {
        this.layout = layout;
        this.daemons = daemons;
        this.patience = patience;
        this.random = random;
        this.services = options.services();
        this.paceMicros = options.paceMicros();
        this.applications = new SystemProcess[options.applications()];
    }

    void start() {
        patience.check(() -> watched.forEach(SystemProcess::requireGood));
        for (int i = 0; i < applications.length; i++) {
            start(i);
        }
        awaitWork();
    }

    private void start(int application) {
        Path config = layout.application(application, application % services);
        applications[application] = daemons.start(
                "app" + application,
                SoakApplication.class,
                List.of(config.toString(), Integer.toString(paceMicros), Long.toString(random.nextLong())));
        watched.add(applications[application]);
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

    /** Everybody makes progress, counted from now. */
    void awaitWork() {
        long now = System.nanoTime();
        for (SystemProcess application : applications) {
            long before = application.progress().operations();
            patience.await(
                    application.name() + " to make progress",
                    () -> application.progress().operations() > before && application.heard() - now > 0);
        }
    }

    /** All that applications did, those that ended included. */
    Progress progress() {
        Progress sum = ended;
        for (SystemProcess application : applications) {
            sum = sum.plus(application.progress());
        }
        return sum;
    }

    /** The longest pause that one told of since this was asked last. */
    long takePauseMillis() {
        long longest = 0;
        for (SystemProcess application : applications) {
            longest = Math.max(longest, application.takePauseMillis());
        }
        return longest;
    }

    /** They give back what they hold, and end well. */
    void finish() {
        for (SystemProcess application : applications) {
            watched.remove(application); // its end is no failure any more
            application.finish();
        }
    }
}
