package io.finemem.service.server;

import io.finemem.api.QuotaExceeded;
import java.util.concurrent.atomic.AtomicLong;

/** What is held on one quota; any thread. A refusal may come too early by what another thread is about to be refused. */
final class Account {
    private final String holder;
    private final Quota quota;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong blocks = new AtomicLong();
    /** Sessions that use it; guarded by {@link Accounts}. */
    int sessions;

    Account(String holder, Quota quota) {
        this.holder = holder;
        this.quota = quota;
    }

    /** Takes room for blocks, or throws and takes none. */
    void charge(long moreBytes, long moreBlocks) {
        long allBytes = bytes.addAndGet(moreBytes);
        long allBlocks = blocks.addAndGet(moreBlocks);
        if (allBytes > quota.bytes() || allBlocks > quota.blocks()) {
            release(moreBytes, moreBlocks);
            throw new QuotaExceeded(
                    "the quota of " + holder + " does not allow it; free blocks or have the operator raise it",
                    "bytes",
                    moreBytes,
                    "blocks",
                    moreBlocks,
                    "heldBytes",
                    allBytes - moreBytes,
                    "heldBlocks",
                    allBlocks - moreBlocks,
                    "quotaBytes",
                    quota.bytes(),
                    "quotaBlocks",
                    quota.blocks());
        }
    }

    /** Takes room for what is held already, whatever the quota. */
    void take(long moreBytes, long moreBlocks) {
        release(-moreBytes, -moreBlocks);
    }

    void release(long fewerBytes, long fewerBlocks) {
        bytes.addAndGet(-fewerBytes);
        blocks.addAndGet(-fewerBlocks);
    }
}
