package io.finemem.allocator.data;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A transfer that somebody else runs. Holds its block and its buffers until it ends.
 *
 * <p><b>Thread-safety.</b> Used by the thread of its {@link AsyncPort}, once it was given to it.
 */
final class AsyncTransfer {
    private final HeldBlock block;
    private final Transfer transfer;
    private final CompletableFuture<Void> future = new CompletableFuture<>();
    private int chainsInFlight;
    private int attempts;

    /** Of a block and of buffers that are pinned. */
    AsyncTransfer(HeldBlock block, Transfer transfer) {
        this.block = block;
        this.transfer = transfer;
    }

    HeldBlock block() {
        return block;
    }

    Transfer transfer() {
        return transfer;
    }

    /** What the application sees. If it completes it itself, the transfer goes on all the same. */
    CompletionStage<Void> stage() {
        return future;
    }

    void chainPosted() {
        chainsInFlight++;
    }

    /** True if it was the last one and nothing remains. */
    boolean chainCompleted() {
        return --chainsInFlight == 0 && !transfer.remains();
    }

    boolean inFlight() {
        return chainsInFlight > 0;
    }

    /** Begins anew after its chains were fenced off; how often that was. */
    int restart() {
        transfer.rewind();
        chainsInFlight = 0;
        return ++attempts;
    }

    /** Nothing of it was posted since the latest fill; how often that was. */
    int takeBack() {
        transfer.unfill();
        return ++attempts;
    }

    /**
     * Gives up block and buffers first, then tells the application, in a thread in which it may block: were it this one, a
     * stage that closes the block would wait for transfers which only this thread can end.
     */
    void end(@Nullable Throwable failure) {
        transfer.unpinBuffers();
        block.unpin();
        future.defaultExecutor().execute(() -> {
            if (failure == null) {
                future.complete(null);
            } else {
                future.completeExceptionally(failure);
            }
        });
    }
}
