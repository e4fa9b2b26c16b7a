package io.finemem.runtime.soak.system;

import com.typesafe.config.ConfigFactory;
import io.finemem.api.FineMemException;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.OwnerFenced;
import io.finemem.api.QuotaExceeded;
import io.finemem.api.RemoteBlock;
import io.finemem.api.ServiceLost;
import io.finemem.runtime.FineMem;
import io.finemem.runtime.demo.ChildLog;
import io.finemem.spi.transport.ConnectionLost;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An application under load: allocates, writes a pattern of its own into each block, checks it before it frees it, until its
 * standard input ends. Opens its memory anew when its session is lost. Not for people.
 *
 * <p>It says {@code open}, about every second {@code at OPERATIONS SESSIONS LOST_BLOCKS}, at the end {@code done}, or
 * {@code wrong} with what is.
 */
public final class SoakApplication {
    private static final int HELD = 100;
    private static final int WORDS = 32;
    private static final int ATTEMPTS = 600;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private record Held(RemoteBlock block, long pattern) {}

    private final PrintStream out;
    private final Random random;
    private final Deque<Held> held = new ArrayDeque<>();
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(WORDS * Long.BYTES);
    private long operations;
    private long sessions;
    private long lostBlocks;
    private long told = System.nanoTime();
    private volatile boolean ending;

    private SoakApplication(PrintStream out, long seed) {
        this.out = out;
        this.random = new Random(seed);
    }

    /** Arguments: configuration file, seed. */
    public static void main(String[] arguments) {
        PrintStream out = System.out;
        System.setOut(System.err); // standard output is for what the parent shall know
        ChildLog.setUp();
        SoakApplication application = new SoakApplication(out, Long.parseLong(arguments[1]));
        Thread listener = new Thread(application::awaitEnd, "end of input");
        listener.setDaemon(true);
        listener.start();
        try {
            application.run(new File(arguments[0]));
            application.tell("at");
            application.say("done");
        } catch (FineMemException | IllegalStateException e) {
            application.say("wrong " + e);
        }
    }

    private void awaitEnd() {
        try {
            while (System.in.read() >= 0) {
                continue;
            }
        } catch (IOException e) {
            say("wrong " + e);
        }
        ending = true;
    }

    private synchronized void say(String line) {
        out.println(line);
        out.flush();
    }

    private void tell(String word) {
        say(word + " " + operations + " " + Math.max(0, sessions - 1) + " " + lostBlocks);
        told = System.nanoTime();
    }

    private void run(File config) {
        int failures = 0;
        while (!ending) {
            try (FineMem memory = FineMem.connect(ConfigFactory.parseFile(config))) {
                sessions++;
                failures = 0;
                say("open");
                work(memory);
            } catch (ServiceLost | OwnerFenced e) {
                lostBlocks += held.size(); // given back by the service or by the memory node
                held.clear();
                if (++failures > ATTEMPTS) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void work(FineMem memory) {
        while (!ending) {
            if (held.size() < HELD && random.nextInt(3) > 0) {
                take(memory);
            } else if (!held.isEmpty()) {
                give(memory);
            }
            operations++;
            if (System.nanoTime() - told > TELL_NANOS) {
                tell("at");
            }
        }
        while (!held.isEmpty()) {
            give(memory);
        }
    }

    private void take(FineMem memory) {
        try {
            RemoteBlock block = memory.allocate(size());
            Held taken = new Held(block, random.nextLong());
            held.add(taken);
            transfer(taken, true);
        } catch (OutOfRemoteMemory | QuotaExceeded | OutOfLocalResources | OperationTimeout e) {
            LockSupport.parkNanos(PAUSE_NANOS / 50);
        } catch (MemoryNodeLost e) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Mostly small; one of 32 from 128 KiB to 2 MiB. */
    private long size() {
        return random.nextInt(32) == 0 ? 128L << 10 << random.nextInt(5) : 4096L << random.nextInt(5);
    }

    private void give(FineMem memory) {
        Held oldest = held.element();
        try {
            transfer(oldest, false);
            memory.free(oldest.block());
            held.remove();
        } catch (MemoryNodeLost e) {
            held.remove();
            lostBlocks++;
        }
    }

    /** The first and the last bytes of a block; repeated when a connection fails, as both may be. */
    private void transfer(Held block, boolean write) {
        for (int attempt = 1; ; attempt++) {
            try {
                transfer(block, 0, write);
                transfer(block, block.block().length() - bytes.capacity(), write);
                return;
            } catch (ConnectionLost | OperationTimeout e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void transfer(Held held, long offset, boolean write) {
        bytes.clear();
        if (!write) {
            held.block().read(offset, bytes);
            bytes.flip();
        }
        for (int i = 0; i < WORDS; i++) {
            long expected = held.pattern() + offset + i;
            if (write) {
                bytes.putLong(expected);
            } else if (bytes.getLong(i * Long.BYTES) != expected) {
                throw new IllegalStateException("byte " + (offset + i * Long.BYTES) + " of " + held.block() + " holds "
                        + Long.toHexString(bytes.getLong(i * Long.BYTES)) + " in place of "
                        + Long.toHexString(expected));
            }
        }
        if (write) {
            held.block().write(offset, bytes.flip());
        }
    }
}
