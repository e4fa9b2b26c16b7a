package io.finemem.service.client;

import io.finemem.api.MemoryClosed;
import io.finemem.api.OutOfLocalResources;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asynchronous calls of the service: made by a few threads of this process, each with a mailbox while it calls. Threads end
 * when they have had nothing to do for a while.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class AsyncCalls implements AutoCloseable {
    /** Calls that wait. */
    static final int QUEUE = 1024;

    private static final long IDLE_SECONDS = 5;

    private final ThreadPoolExecutor threads;

    AsyncCalls(int most) {
        AtomicInteger count = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(
                most, most, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE), work -> {
                    Thread thread = new Thread(work, "finemem-service-call-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Makes a call as soon as a thread has time. Never blocks, never throws.
     *
     * @param unwanted takes a result whose stage was cancelled before
     * @param notBegun called if the stage ends without the call having been made
     */
    <T extends @Nullable Object> CompletionStage<T> start(Supplier<T> call, Consumer<T> unwanted, Runnable notBegun) {
        Task<T> task = new Task<>(call, unwanted, notBegun);
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            task.reject(threads.isShutdown() ? closed() : full());
        }
        return task.stage;
    }

    private static OutOfLocalResources full() {
        return new OutOfLocalResources(
                "the queue of asynchronous calls is full; let some complete first", "capacity", QUEUE);
    }

    private static MemoryClosed closed() {
        return new MemoryClosed("the RemoteMemory was closed before the operation was begun");
    }

    /** Ends calls that were not begun with {@link MemoryClosed}. */
    @Override
    public void close() {
        threads.shutdown(); // without an interrupt: calls under way are bounded
        List<Runnable> waiting = new ArrayList<>();
        threads.getQueue().drainTo(waiting);
        waiting.forEach(task -> ((Task<?>) task).reject(closed()));
    }

    private static final class Task<T extends @Nullable Object> implements Runnable {
        private final CompletableFuture<T> stage = new CompletableFuture<>();
        private final Supplier<T> call;
        private final Consumer<T> unwanted;
        private final Runnable notBegun;

        Task(Supplier<T> call, Consumer<T> unwanted, Runnable notBegun) {
            this.call = call;
            this.unwanted = unwanted;
            this.notBegun = notBegun;
        }

        @Override
        public void run() {
            T result;
            try {
                result = call.get();
            } catch (RuntimeException e) {
                stage.completeExceptionally(e);
                return;
            }
            if (!stage.complete(result)) {
                unwanted.accept(result);
            }
        }

        void reject(RuntimeException cause) {
            notBegun.run();
            stage.completeExceptionally(cause);
        }
    }
}
