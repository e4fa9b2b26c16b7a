package io.finemem.runtime.cli;

import com.typesafe.config.ConfigFactory;
import io.finemem.api.FineMemException;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import io.finemem.spi.coordination.MemoryNodeEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * An application under load that finds its memory nodes in a directory: allocates, writes, reads back, frees, until its standard input
 * ends. Arguments: configuration, seed. Says "at OPERATIONS FAILED OUTAGES CONNECTED NODES" ten times a second, and "done OPERATIONS
 * FAILED" at the end.
 */
final class DirectoryApplication {
    private static final int HELD = 64;
    private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private record Held(RemoteBlock block, long word) {}

    private final Random random;
    private final Deque<Held> held = new ArrayDeque<>();
    private long operations;
    private long failed;
    private long lastReport;
    private volatile boolean ending;

    private DirectoryApplication(long seed) {
        this.random = new Random(seed);
    }

    public static void main(String[] arguments) {
        DirectoryApplication application = new DirectoryApplication(Long.parseLong(arguments[1]));
        Thread listener = new Thread(application::awaitEnd);
        listener.setDaemon(true);
        listener.start();
        try (FineMem memory = FineMem.connect(ConfigFactory.parseString(arguments[0]))) {
            application.work(memory);
        }
        System.out.println("done " + application.operations + " " + application.failed);
    }

    private void awaitEnd() {
        try {
            while (System.in.read() >= 0) {
                continue;
            }
        } catch (IOException e) {
            System.err.println("standard input: " + e);
        }
        ending = true;
    }

    private void work(FineMem memory) {
        while (!ending) {
            report(memory);
            attempt(() -> {
                if (held.size() < HELD && random.nextInt(3) > 0) {
                    take(memory);
                } else if (!held.isEmpty()) {
                    give(memory);
                }
            });
        }
        while (!held.isEmpty()) {
            attempt(() -> give(memory));
        }
    }

    private void attempt(Runnable operation) {
        try {
            operation.run();
            operations++;
        } catch (FineMemException e) {
            failed++;
            System.err.println("failed: " + e);
        }
    }

    private void report(FineMem memory) {
        if (System.nanoTime() - lastReport < REPORT_NANOS) {
            return;
        }
        lastReport = System.nanoTime();
        String nodes = memory.coordination().view().serving().stream()
                .map(MemoryNodeEntry::name)
                .collect(Collectors.joining(","));
        System.out.println("at " + operations + " " + failed + " " + memory.directoryOutages() + " "
                + memory.coordination().status().connected() + " " + nodes);
    }

    private void take(FineMem memory) {
        RemoteBlock block = memory.allocate(4096L << random.nextInt(5));
        long word = random.nextLong();
        held.add(new Held(block, word));
        block.write(block.length() - Long.BYTES, ByteBuffer.allocate(Long.BYTES).putLong(0, word));
    }

    private void give(FineMem memory) {
        Held oldest = held.remove();
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES);
        oldest.block().read(oldest.block().length() - Long.BYTES, bytes);
        if (bytes.getLong(0) != oldest.word()) {
            throw new IllegalStateException("a wrong byte in " + oldest.block());
        }
        memory.free(oldest.block());
    }
}
