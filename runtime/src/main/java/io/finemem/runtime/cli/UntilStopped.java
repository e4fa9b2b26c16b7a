package io.finemem.runtime.cli;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps something open until the process is told to stop (SIGTERM, SIGINT) or the thread is interrupted, and closes
 * it then,
 * also if it was still being opened.
 */
final class UntilStopped {
    private static final Logger LOG = LoggerFactory.getLogger(UntilStopped.class);
    private static final Duration OPENING_TIME = Duration.ofSeconds(30);

    <T extends AutoCloseable> void run(Supplier<T> opening, Consumer<T> opened) {
        run(opening, opened, open -> new CompletableFuture<>());
    }

    /**
     * The same, also ended by the subject itself.
     *
     * @param end completes when the subject is to be closed
     */
    <T extends AutoCloseable> void run(
            Supplier<T> opening, Consumer<T> opened, Function<T, CompletionStage<@Nullable Void>> end) {
        CompletableFuture<T> subject = new CompletableFuture<>();
        Thread opener = Thread.currentThread();
        Thread hook = new Thread(() -> closeOnceOpened(subject, opener), "finemem-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            T open = opening.get();
            subject.complete(open);
            opened.accept(open);
            SupervisorNews.ready();
            await(end.apply(open).toCompletableFuture());
            close(open);
        } finally {
            subject.cancel(false);
            remove(hook);
        }
    }

    private static <T extends AutoCloseable> void closeOnceOpened(CompletableFuture<T> subject, Thread opener) {
        if (!subject.isDone()) {
            opener.interrupt(); // it may be waiting for somebody else
        }
        try {
            close(subject.get(OPENING_TIME.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException | java.util.concurrent.CancellationException e) {
            LOG.debug("nothing was open when the process was stopped");
        } catch (TimeoutException e) {
            LOG.warn("stopped while still opening");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void await(Future<?> end) {
        try {
            end.get();
        } catch (InterruptedException e) {
            LOG.debug("interrupted: stopping");
        } catch (ExecutionException e) {
            LOG.error("stopping after a failure", e.getCause());
        }
    }

    private static void close(AutoCloseable subject) {
        SupervisorNews.stopping();
        try {
            subject.close();
        } catch (Exception e) {
            LOG.error("stopping failed: {}", e.getMessage(), e);
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.debug("the process is being stopped already");
        }
    }
}
