package io.finemem.allocator.data;

import io.finemem.api.BlockHandle;
import io.finemem.api.InvalidRequest;
import io.finemem.api.ReusableBlock;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands for one block after the other. What it holds them in is its own: whoever still works on an earlier block of this
 * object meets its next one at worst, never a block of somebody else. If the end of a free is not known, what it was held in
 * is left to who works on that, and the next block is held in a new one.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread; {@link #holds} by who has {@linkplain #reserve reserved} it.
 */
public final class ReusableApplicationBlock extends ApplicationBlock implements ReusableBlock {
    private static final AtomicIntegerFieldUpdater<ReusableApplicationBlock> RESERVED =
            AtomicIntegerFieldUpdater.newUpdater(ReusableApplicationBlock.class, "reserved");

    private final Supplier<? extends HeldBlock> vacancies;
    private volatile HeldBlock held;
    private volatile int reserved;
    private LeakDetection.@Nullable Watch watcher;

    ReusableApplicationBlock(DataPath path, Supplier<? extends HeldBlock> vacancies) {
        super(path);
        this.vacancies = vacancies;
        this.held = vacancies.get();
    }

    /** Called before the application has it. */
    void watchedBy(LeakDetection.Watch watch) {
        watcher = watch;
    }

    /**
     * Begins an allocation into it; {@link #release} must follow.
     *
     * @return what the block shall be held in
     * @throws InvalidRequest if it holds a block, or another thread is allocating into it
     */
    public HeldBlock reserve() {
        if (!RESERVED.compareAndSet(this, 0, 1)) {
            throw new InvalidRequest("another thread is allocating into the block object", "block", held);
        }
        HeldBlock last = held;
        if (!last.freed()) {
            release();
            throw new InvalidRequest("the block object holds a block: free that first", "block", last);
        }
        return last.vacant() ? last : vacancies.get();
    }

    /** The allocation succeeded: this is held from now on. */
    public void holds(HeldBlock block) {
        if (held != block) {
            held = block;
            if (watcher != null) {
                watcher.watch(block);
            }
        }
    }

    /** Ends what {@link #reserve} began. */
    public void release() {
        reserved = 0;
    }

    @Override
    HeldBlock held() {
        return held;
    }

    /** Watched for as long as the object is reachable, whatever it holds. */
    @Override
    @Nullable
    Object watch() {
        return null;
    }

    @Override
    InvalidRequest unusable(HeldBlock freed) {
        return new InvalidRequest("the block object holds no block: it was freed, or none was allocated into it yet");
    }

    @Override
    public boolean holdsBlock() {
        return !held.freed();
    }

    @Override
    public BlockHandle handle() {
        return current().handle();
    }

    @Override
    public long length() {
        return current().length();
    }

    private HeldBlock current() {
        HeldBlock now = held;
        if (now.freed()) {
            throw unusable(now);
        }
        return now;
    }
}
