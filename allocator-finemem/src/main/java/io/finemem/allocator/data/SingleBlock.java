package io.finemem.allocator.data;

import io.finemem.api.BlockHandle;
import io.finemem.api.InvalidRequest;
import org.jspecify.annotations.Nullable;

/** Stands for one block, from its allocation to its free, and for nothing afterwards. */
final class SingleBlock extends ApplicationBlock {
    private final HeldBlock held;
    /** Who watches whether it is lost, if anybody does. */
    private @Nullable Object watch;

    SingleBlock(DataPath path, HeldBlock held) {
        super(path);
        this.held = held;
    }

    /** Called before the application has it. */
    void watchedBy(Object watcher) {
        watch = watcher;
    }

    @Override
    @Nullable
    Object watch() {
        return watch;
    }

    @Override
    HeldBlock held() {
        return held;
    }

    @Override
    InvalidRequest unusable(HeldBlock freed) {
        return new InvalidRequest("the block was freed", "block", freed);
    }

    @Override
    public BlockHandle handle() {
        return held.handle();
    }

    @Override
    public long length() {
        return held.length();
    }
}
