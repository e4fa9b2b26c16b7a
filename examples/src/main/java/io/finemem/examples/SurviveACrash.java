package io.finemem.examples;

import io.finemem.allocator.control.AuditReport;
import java.io.IOException;
import java.time.Duration;

/** The process of an owner is killed. The memory node cuts it off, finds its blocks by its journal and takes them back. */
public final class SurviveACrash {
    private static final long PATIENCE_NANOS = Duration.ofSeconds(60).toNanos();

    private SurviveACrash() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        try (LocalPool pool = new LocalPool()) {
            Process owner = DoomedOwner.start(pool.client());
            try {
                System.out.println("another process: " + owner.inputReader().readLine());
                print("before", pool.memoryNode().audit());
            } finally {
                owner.destroyForcibly();
            }
            long killed = System.nanoTime();
            while (pool.memoryNode().audit().owners() > 0 && System.nanoTime() - killed < PATIENCE_NANOS) {
                Thread.sleep(1);
            }
            print("after", pool.memoryNode().audit());
        }
    }

    private static void print(String when, AuditReport report) {
        System.out.printf(
                "%s: %d owners, %d chunks used, clean: %b%n",
                when, report.owners(), report.usedChunks(), report.clean());
    }
}
