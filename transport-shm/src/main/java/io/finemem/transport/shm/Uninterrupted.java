package io.finemem.transport.shm;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/** File work that an interrupt of the thread must not break: it would close the channel. The interrupt is kept for later. */
final class Uninterrupted {
    private Uninterrupted() {}

    /** Work that opens its own channel, so that it can be done again. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    static <T> T run(Work<T> work) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try {
                    return work.run();
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
