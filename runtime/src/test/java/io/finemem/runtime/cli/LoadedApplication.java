package io.finemem.runtime.cli;

import com.typesafe.config.ConfigFactory;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.QuotaExceeded;
import io.finemem.api.RemoteBlock;
import io.finemem.api.ServiceLost;
import io.finemem.runtime.FineMem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * An application under load: allocates, writes a pattern of its own into each block, checks it before it frees it, until its standard
 * input ends. Opens its memory anew when the service is lost. Arguments: configuration, seed. At the end it says "done OPERATIONS
 * SESSIONS", or at once "WRONG ..." when a byte is.
 */
final class LoadedApplication {
    private static final int HELD = 100;
    private static final int WORDS = 32;
    private static final long RETRY_NANOS = 50_000_000;

    private record Held(RemoteBlock block, long pattern) {}

    private final Random random;
    private final Deque<Held> held = new ArrayDeque<>();
    private long operations;
    private volatile boolean ending;

    private LoadedApplication(long seed) {
        this.random = new Random(seed);
    }

    public static void main(String[] arguments) {
        LoadedApplication application = new LoadedApplication(Long.parseLong(arguments[1]));
        Thread listener = new Thread(application::awaitEnd);
        listener.setDaemon(true);
        listener.start();
        int sessions = 0;
        while (!application.ending) {
            try (FineMem memory = FineMem.connect(ConfigFactory.parseString(arguments[0]))) {
                sessions++;
                System.out.println("open");
                application.work(memory);
            } catch (ServiceLost e) {
                application.held.clear(); // given back by the service, or by the memory node
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
        System.out.println("done " + application.operations + " " + sessions);
    }

    private void awaitEnd() {
        try {
            while (System.in.read() >= 0) {
                continue;
            }
        } catch (IOException e) {
            System.out.println("WRONG input: " + e);
        }
        ending = true;
    }

    private void work(FineMem memory) {
        while (!ending) {
            if (held.size() < HELD && random.nextInt(3) > 0) {
                take(memory);
            } else if (!held.isEmpty()) {
                give(memory);
            }
            operations++;
        }
        while (!held.isEmpty()) {
            give(memory);
        }
        long left = memory.statistics().liveBlocks();
        if (left != 0) {
            System.out.println("WRONG: the service thinks that " + left + " blocks are held");
        }
    }

    private void take(FineMem memory) {
        try {
            RemoteBlock block = memory.allocate(4096L << random.nextInt(5));
            long pattern = random.nextLong();
            ByteBuffer bytes = ByteBuffer.allocate(WORDS * Long.BYTES);
            for (int i = 0; i < WORDS; i++) {
                bytes.putLong(pattern + i);
            }
            held.add(new Held(block, pattern));
            block.write(block.length() - bytes.capacity(), bytes.flip());
        } catch (OutOfRemoteMemory | QuotaExceeded e) {
            LockSupport.parkNanos(RETRY_NANOS / 50);
        }
    }

    private void give(FineMem memory) {
        Held oldest = held.remove();
        ByteBuffer bytes = ByteBuffer.allocate(WORDS * Long.BYTES);
        oldest.block().read(oldest.block().length() - bytes.capacity(), bytes);
        bytes.flip();
        for (int i = 0; i < WORDS; i++) {
            long found = bytes.getLong();
            if (found != oldest.pattern() + i) {
                System.out.println("WRONG word " + i + " of " + oldest.block() + ": " + Long.toHexString(found));
                throw new IllegalStateException("a wrong byte");
            }
        }
        memory.free(oldest.block());
    }
}
