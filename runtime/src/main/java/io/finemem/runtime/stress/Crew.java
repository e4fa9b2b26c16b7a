package io.finemem.runtime.stress;

import io.finemem.api.FineMemException;
import io.finemem.api.OperationTimeout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads of one stress test; what fails in one of them is thrown by whoever waits for it. */
final class Crew implements AutoCloseable {
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "finemem-stress");
        thread.setDaemon(true);
        return thread;
    });

    <T> Future<T> start(Callable<T> task) {
        return threads.submit(task);
    }

    static <T> T await(Future<T> task, long seconds) {
        try {
            return task.get(seconds + Bench.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof FineMemException failure) {
                throw failure;
            }
            throw new IllegalStateException("a thread of the stress test failed", e.getCause());
        } catch (TimeoutException e) {
            throw new OperationTimeout(e, "a thread of the stress test does not end");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OperationTimeout(e, "interrupted during a stress test");
        }
    }

    static <T> List<T> awaitAll(List<Future<T>> tasks, long seconds) {
        List<T> results = new ArrayList<>();
        for (Future<T> task : tasks) {
            results.add(await(task, seconds));
        }
        return results;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
