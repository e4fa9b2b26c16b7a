package io.finemem.runtime.soak.system;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.api.CapabilityRevoked;
import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OwnerFenced;
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
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An application under load: allocates, writes a pattern of its own into each block, checks it before it frees it, until its
 * standard input ends. Opens its memory anew when its session is lost. Not for people.
 *
 * <p>It says {@code open}, about every second its {@link Progress}, at the end {@code done}, or {@code wrong} with what is.
 */
public final class SoakApplication {
    /** Most blocks that it holds. */
    static final int HELD = 100;

    private static final int WORDS = 32;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Shorter than the patience of the run, so that the last error is seen. */
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(150);

    private record Held(RemoteBlock block, long pattern) {}

    private final PrintStream out;
    private final Config config;
    private final long paceNanos;
    private final Random random;
    private final Deque<Held> held = new ArrayDeque<>();
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(WORDS * Long.BYTES);
    private Progress progress = Progress.NONE;
    private boolean opened;
    private long completed = System.nanoTime();
    private long pauseNanos;
    private long told = System.nanoTime();
    private volatile boolean ending;

    private SoakApplication(PrintStream out, Config config, long paceNanos, long seed) {
        this.out = out;
        this.config = config;
        this.paceNanos = paceNanos;
        this.random = new Random(seed);
    }

    /** Arguments: configuration file, pause after each operation in microseconds, seed. */
    public static void main(String[] arguments) {
        PrintStream out = System.out;
        System.setOut(System.err); // standard output is for what the parent shall know
        ChildLog.setUp();
        SoakApplication application = new SoakApplication(
                out,
                ConfigFactory.parseFile(new File(arguments[0])),
                TimeUnit.MICROSECONDS.toNanos(Long.parseLong(arguments[1])),
                Long.parseLong(arguments[2]));
        Thread listener = new Thread(application::awaitEnd, "end of input");
        listener.setDaemon(true);
        listener.start();
        try {
            application.run();
            application.tell();
            application.say("done");
        } catch (FineMemException | IllegalStateException e) {
            e.printStackTrace(); // into its log
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

    private void tell() {
        long now = System.nanoTime();
        say(progress.line(TimeUnit.NANOSECONDS.toMillis(Math.max(pauseNanos, now - completed))));
        pauseNanos = 0;
        told = now;
    }

    private void run() {
        while (!ending) {
            open().ifPresent(memory -> {
                try (memory) {
                    work(memory);
                } catch (ServiceLost | OwnerFenced e) {
                    count(0, held.size(), 0); // given back by the service or by the memory node
                    held.clear();
                    rest(e);
                }
            });
        }
    }

    /** Empty if the other side cannot be reached now. */
    private Optional<FineMem> open() {
        try {
            FineMem memory = FineMem.connect(config);
            if (opened) {
                progress = progress.plus(new Progress(0, 1, 0, 0));
            }
            opened = true;
            say("open");
            return Optional.of(memory);
        } catch (FineMemException e) {
            requireCode(e, ErrorCode.Category.REMOTE);
            rest(e);
            return Optional.empty();
        }
    }

    private void work(FineMem memory) {
        while (!ending) {
            boolean done = held.size() < HELD && random.nextInt(3) > 0 ? take(memory) : !held.isEmpty() && give(memory);
            if (done) {
                long now = System.nanoTime();
                pauseNanos = Math.max(pauseNanos, now - completed);
                completed = now;
                count(1, 0, 0);
            }
            if (paceNanos > 0) {
                LockSupport.parkNanos(paceNanos);
            }
            if (System.nanoTime() - told > TELL_NANOS) {
                tell();
            }
        }
        while (!held.isEmpty()) {
            give(memory);
        }
    }

    private void count(long operations, long lostBlocks, long failed) {
        progress = progress.plus(new Progress(operations, 0, lostBlocks, failed));
    }

    private static void requireCode(FineMemException e, ErrorCode.Category... categories) {
        for (ErrorCode.Category category : categories) {
            if (e.code().category() == category) {
                return;
            }
        }
        throw e;
    }

    /** Before another attempt; the error is thrown if nothing has succeeded for too long. */
    private void rest(FineMemException e) {
        if (System.nanoTime() - completed > GIVE_UP_NANOS) {
            throw e;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
        if (System.nanoTime() - told > TELL_NANOS) {
            tell();
        }
    }

    private boolean take(FineMem memory) {
        RemoteBlock block;
        try {
            block = memory.allocate(size());
        } catch (FineMemException e) {
            count(0, 0, 1);
            if (e instanceof ServiceLost || e instanceof OwnerFenced) {
                throw e;
            }
            requireCode(e, ErrorCode.Category.RESOURCES, ErrorCode.Category.REMOTE);
            rest(e);
            return false;
        }
        Held taken = new Held(block, random.nextLong());
        held.addLast(taken);
        try {
            transfer(taken, true);
            return true;
        } catch (MemoryNodeLost | CapabilityRevoked e) {
            lose(memory, held.removeLast());
            rest(e);
            return false;
        }
    }

    /** Mostly small; one of 32 from 128 KiB to 2 MiB. */
    private long size() {
        return random.nextInt(32) == 0 ? 128L << 10 << random.nextInt(5) : 4096L << random.nextInt(5);
    }

    private boolean give(FineMem memory) {
        Held oldest = held.element();
        try {
            transfer(oldest, false);
        } catch (MemoryNodeLost | CapabilityRevoked e) {
            lose(memory, held.removeFirst());
            return false;
        }
        boolean freed = free(memory, oldest);
        held.removeFirst();
        if (!freed) {
            count(0, 1, 0);
        }
        return freed;
    }

    private void lose(FineMem memory, Held block) {
        count(0, 1, 0);
        free(memory, block);
    }

    /** Whether it is free; otherwise its memory node is lost, or does not answer: whoever holds it for us gives it back. */
    private static boolean free(FineMem memory, Held block) {
        try {
            memory.free(block.block());
            return true;
        } catch (MemoryNodeLost | OperationTimeout e) {
            return false;
        }
    }

    /** The first and the last bytes of a block; repeated when a connection fails, as both may be. */
    private void transfer(Held block, boolean write) {
        while (true) {
            try {
                transfer(block, 0, write);
                transfer(block, block.block().length() - bytes.capacity(), write);
                return;
            } catch (ConnectionLost | OperationTimeout e) {
                rest(e);
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
