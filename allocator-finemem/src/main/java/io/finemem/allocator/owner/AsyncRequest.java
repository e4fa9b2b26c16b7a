package io.finemem.allocator.owner;

import io.finemem.api.RemoteBlock;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** An asynchronous call on its way. Made by the caller's thread, changed by the pump's thread, completed once by it. */
abstract sealed class AsyncRequest {
    private static final int MAX_ATTEMPTS = 3;

    private int attempts;
    private @Nullable RuntimeException failure;

    /** Completes the stage with what was set; false if the application had completed it before. */
    final boolean deliver() {
        RuntimeException cause = failure;
        return cause == null ? complete() : fail(cause);
    }

    final AsyncRequest failed(RuntimeException cause) {
        failure = cause;
        return this;
    }

    /** One more attempt failed; whether it should be tried by searching in step from now on. */
    final boolean failedOnceMore() {
        return ++attempts >= MAX_ATTEMPTS;
    }

    abstract boolean complete();

    abstract boolean fail(RuntimeException cause);

    /** An allocation. */
    static final class Allocation extends AsyncRequest {
        private final CompletableFuture<RemoteBlock> stage = new CompletableFuture<>();
        private final long bytes;
        private @Nullable OwnedBlock block;
        private @Nullable RemoteBlock handed;

        Allocation(long bytes) {
            this.bytes = bytes;
        }

        long bytes() {
            return bytes;
        }

        CompletableFuture<RemoteBlock> stage() {
            return stage;
        }

        void allocated(OwnedBlock allocated, RemoteBlock forTheApplication) {
            block = allocated;
            handed = forTheApplication;
        }

        /** The block, once there is one. */
        @Nullable
        OwnedBlock block() {
            return block;
        }

        @Override
        boolean complete() {
            return stage.complete(handed);
        }

        @Override
        boolean fail(RuntimeException cause) {
            return stage.completeExceptionally(cause);
        }
    }

    /** A free of a block that is marked as freed. */
    static final class Release extends AsyncRequest {
        private final CompletableFuture<@Nullable Void> stage = new CompletableFuture<>();
        private final OwnedBlock block;

        Release(OwnedBlock block) {
            this.block = block;
        }

        OwnedBlock block() {
            return block;
        }

        CompletableFuture<@Nullable Void> stage() {
            return stage;
        }

        @Override
        boolean complete() {
            return stage.complete(null);
        }

        @Override
        boolean fail(RuntimeException cause) {
            return stage.completeExceptionally(cause);
        }
    }
}
