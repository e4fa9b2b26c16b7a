package io.finemem.runtime.soak.system;

import io.finemem.api.OperationTimeout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits within bounds, and looks meanwhile whether everybody is well. Used by one thread. */
final class Patience {
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final long seed;
    private final Duration limit;
    private final List<Runnable> checks = new ArrayList<>();

    /** @param limit of each wait */
    Patience(long seed, Duration limit) {
        this.seed = seed;
        this.limit = limit;
    }

    /** Of each wait. */
    Duration limit() {
        return limit;
    }

    /** Something that throws if anything is wrong; done while waiting. */
    void check(Runnable check) {
        checks.add(check);
    }

    /** @throws OperationTimeout if it does not become true */
    void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() >= deadline) {
                throw new OperationTimeout("waited in vain for " + what, "seconds", limit.toSeconds(), "seed", seed);
            }
            LockSupport.parkNanos(POLL_NANOS);
            checks.forEach(Runnable::run);
        }
    }

    /** Lets time pass. */
    void pass(Duration time) {
        passUntil(System.nanoTime() + time.toNanos());
    }

    /** Lets time pass up to a moment in the time of {@link System#nanoTime}; returns at once if it is over. */
    void passUntil(long moment) {
        await("time to pass", () -> System.nanoTime() - moment >= 0);
    }
}
