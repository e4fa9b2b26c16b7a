package io.finemem.runtime.demo;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** How far a demonstration is. */
public interface DemoProgress extends AutoCloseable {
    /** Says nothing: for output that is not a terminal. */
    DemoProgress SILENT = new DemoProgress() {
        @Override
        public void begin(long operations) {}

        @Override
        public void done(long operations) {}

        @Override
        public void close() {}
    };

    /** The processes are started; this many allocations and frees are ahead. */
    void begin(long operations);

    /** So many are done. */
    void done(long operations);

    @Override
    void close();

    /** A bar on standard error. */
    static DemoProgress bar() {
        return new Bar();
    }

    /** A bar that appears when the replay begins and is gone when it ends. */
    final class Bar implements DemoProgress {
        private static final int UPDATE_MILLIS = 200;

        private @Nullable ProgressBar bar;

        private Bar() {}

        @Override
        public void begin(long operations) {
            bar = new ProgressBarBuilder()
                    .setTaskName("replay")
                    .setInitialMax(operations)
                    .setUpdateIntervalMillis(UPDATE_MILLIS)
                    .setStyle(ProgressBarStyle.ASCII)
                    .clearDisplayOnFinish()
                    .build();
        }

        @Override
        public void done(long operations) {
            if (bar != null) {
                bar.stepTo(operations);
            }
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
                bar = null;
            }
        }
    }
}
