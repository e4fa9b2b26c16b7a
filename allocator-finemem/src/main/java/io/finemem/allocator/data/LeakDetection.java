package io.finemem.allocator.data;

import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices blocks that the application lost: unreachable, and neither closed nor freed. Each is logged and counted once, at
 * the next watched allocation, at the next look at the statistics, or when the memory is closed; there is no thread for it.
 *
 * <p>A lost block is not freed. Its coordinates may have been given to another program, which works on it still; freed memory
 * would become somebody else's under its hands. It is given back when the memory is closed or its owner is dead.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class LeakDetection {
    private static final Logger LOG = LoggerFactory.getLogger(LeakDetection.class);
    /** One block of so many is watched where blocks are sampled. */
    private static final int SAMPLING = 128;

    private final LeakLevel level;
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final ReferenceQueue<ApplicationBlock> unreachable = new ReferenceQueue<>();
    private final AtomicLong leaks = new AtomicLong();

    LeakDetection(LeakLevel level) {
        this.level = level;
    }

    /** Refers to what is left of a block when the application has lost it. */
    static final class Watch extends PhantomReference<ApplicationBlock> {
        private volatile HeldBlock held;
        private final @Nullable Throwable site;

        private Watch(
                ApplicationBlock block,
                HeldBlock held,
                ReferenceQueue<ApplicationBlock> queue,
                @Nullable Throwable site) {
            super(block, queue);
            this.held = held;
            this.site = site;
        }

        /** The same object holds its blocks in another one from now on. */
        void watch(HeldBlock next) {
            held = next;
        }
    }

    /** Watches a block that is handed out, if its turn has come. */
    void handedOut(SingleBlock block, HeldBlock held) {
        if (level == LeakLevel.DISABLED
                || level != LeakLevel.PARANOID && ThreadLocalRandom.current().nextInt(SAMPLING) != 0) {
            return;
        }
        Throwable site = level == LeakLevel.SIMPLE ? null : new Throwable("the block was allocated here");
        Watch watch = new Watch(block, held, unreachable, site);
        watches.add(watch);
        block.watchedBy(watch);
        report();
    }

    /** Watches an object for as long as it is reachable: it is made seldom, so there is no sampling. */
    void handedOut(ReusableApplicationBlock block) {
        if (level == LeakLevel.DISABLED) {
            return;
        }
        Throwable site = level == LeakLevel.SIMPLE ? null : new Throwable("the block object was made here");
        Watch watch = new Watch(block, block.held(), unreachable, site);
        watches.add(watch);
        block.watchedBy(watch);
        report();
    }

    /** The block was closed; there is nothing to report. */
    void closed(Object watch) {
        Watch ended = (Watch) watch;
        ended.clear();
        watches.remove(ended);
    }

    /** Blocks lost so far. */
    long count() {
        report();
        return leaks.get();
    }

    /** Reports for the last time: what is lost from now on was freed with the rest. */
    void close() {
        report();
        watches.clear();
    }

    /** Logs what was lost since the last time. */
    void report() {
        for (Reference<?> next = unreachable.poll(); next != null; next = unreachable.poll()) {
            Watch watch = (Watch) next;
            if (watches.remove(watch) && !watch.held.freed()) {
                leaks.incrementAndGet();
                log(watch);
            }
        }
    }

    private void log(Watch watch) {
        if (watch.site == null) {
            LOG.error(
                    "leak: {} became unreachable without close() and stays allocated; finemem.leak-detection = "
                            + "advanced tells where it was allocated",
                    watch.held);
        } else {
            LOG.error("leak: {} became unreachable without close() and stays allocated", watch.held, watch.site);
        }
    }
}
