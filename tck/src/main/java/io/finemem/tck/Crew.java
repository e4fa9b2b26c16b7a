package io.finemem.tck;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Threads that start together and are waited for with a bound; the first failure of a member is the failure of all. */
final class Crew {
    private Crew() {}

    /** What one member does. */
    @FunctionalInterface
    interface Work {
        void run(int member) throws Exception;
    }

    static void run(int members, Duration patience, Work work) {
        ExecutorService threads = Executors.newFixedThreadPool(members, task -> {
            Thread thread = new Thread(task, "tck-crew");
            thread.setDaemon(true);
            return thread;
        });
        CyclicBarrier start = new CyclicBarrier(members);
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            int member = i;
            tasks.add(() -> {
                start.await(patience.toMillis(), TimeUnit.MILLISECONDS);
                work.run(member);
                return null;
            });
        }
        try {
            for (Future<Void> task : threads.invokeAll(tasks, 2 * patience.toMillis(), TimeUnit.MILLISECONDS)) {
                task.get();
            }
        } catch (CancellationException e) {
            throw new AssertionError("not all of the crew came back in time", e);
        } catch (ExecutionException e) {
            throw new AssertionError("a member of the crew failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while the crew was at work", e);
        } finally {
            threads.shutdownNow();
        }
    }
}
