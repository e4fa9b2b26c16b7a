package io.finemem.it.allocator;

import io.finemem.service.ipc.EventFd;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.Opcode;
import io.finemem.service.ipc.PollSet;
import io.finemem.service.ipc.Received;
import io.finemem.service.ipc.Segment;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.ipc.SharedSegment;
import io.finemem.service.ipc.SystemCallFailed;
import io.finemem.service.ipc.UnixSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** An application of a service that says hello and then writes what it likes into its segment; no client library is in its way. */
final class HostileApplication {
    static final String NAME = "hostile";

    private static final int MAILBOXES = 4;
    private static final int ONE_IN = 100;
    private static final int GARBAGE_BYTES = 64;
    private static final int[] COUNTS = {0, 1, 2, 64, 65, -1, Integer.MIN_VALUE};
    private static final long[] ARGUMENTS = {0, 1, 4096, 65536, Long.MAX_VALUE, -1, Long.MIN_VALUE};

    private final Path socket;
    private final SplittableRandom random;

    HostileApplication(Path socket, long seed) {
        this.socket = socket;
        this.random = new SplittableRandom(seed);
    }

    /** Returns how many sessions it had: the service has ended each but the last. */
    int attackUntil(BooleanSupplier end) throws IOException {
        int sessions = 0;
        while (!end.getAsBoolean()) {
            sessions++;
            attackOnce(end);
        }
        return sessions;
    }

    private void attackOnce(BooleanSupplier end) throws IOException {
        try (UnixSocket own = UnixSocket.connected(socket)) {
            own.send(FrameCodec.encode(new Frame.Hello(SegmentLayout.VERSION, MAILBOXES, NAME)));
            Received welcome = receive(own);
            try (SharedSegment segment = SharedSegment.adopt(welcome.descriptor(), SegmentLayout.bytes(MAILBOXES))) {
                scribble(own, segment, end);
            }
        } catch (SystemCallFailed e) {
            if (!e.getMessage().contains("Broken pipe") && !e.getMessage().contains("reset by peer")) {
                throw e; // else the service has ended the session
            }
        }
    }

    private void scribble(UnixSocket own, SharedSegment shared, BooleanSupplier end) throws IOException {
        Segment segment = Segment.open(shared.memory(), MAILBOXES);
        int[] sequences = new int[MAILBOXES];
        while (!end.getAsBoolean()) {
            if (random.nextInt(ONE_IN) == 0) {
                garble(shared.memory());
            } else {
                askAnything(segment, sequences);
            }
            own.send(FrameCodec.encode(new Frame.Bell()));
        }
    }

    private void garble(ByteBuffer memory) {
        for (int i = 0; i < GARBAGE_BYTES; i++) {
            memory.put(random.nextInt(memory.capacity()), (byte) random.nextInt());
        }
    }

    private void askAnything(Segment segment, int[] sequences) {
        int box = random.nextInt(MAILBOXES);
        for (int i = 0; i < 8; i++) {
            segment.mailbox(box).putRequestWord(i, (long) random.nextInt(5) << Integer.SIZE | random.nextInt(80));
        }
        int opcode = random.nextInt(Opcode.PING, Opcode.STATISTICS + 3);
        int count = COUNTS[random.nextInt(COUNTS.length)];
        long argument = ARGUMENTS[random.nextInt(ARGUMENTS.length)];
        segment.mailbox(box).publish(++sequences[box], opcode, count, argument);
    }

    private static Received receive(UnixSocket socket) throws IOException {
        try (EventFd nobody = new EventFd();
                PollSet one = new PollSet(nobody)) {
            one.add(socket);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (System.nanoTime() - deadline < 0) {
                one.await(100);
                Received received = socket.receive();
                if (received != null && !received.end()) {
                    return received;
                }
            }
            throw new IOException("the service did not answer a hello within 20 s");
        }
    }
}
