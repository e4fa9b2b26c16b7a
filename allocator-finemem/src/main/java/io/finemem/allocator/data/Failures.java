package io.finemem.allocator.data;

import io.finemem.api.CapabilityRevoked;
import io.finemem.api.FineMemException;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.ConnectionLost;
import java.util.concurrent.TimeUnit;

/** What an operation that did not succeed throws, and what must happen before. */
final class Failures {
    private Failures() {}

    /** For a chain that ended with another status than {@code SUCCESS}. */
    static FineMemException of(CompletionStatus status, HeldBlock block) {
        if (status == CompletionStatus.REMOTE_ACCESS_ERROR) {
            return new CapabilityRevoked("the memory node refused the block's rkey", "block", block.handle());
        }
        return new ConnectionLost(
                "the data connection failed; whether the operation was executed is unknown",
                "block",
                block.handle(),
                "status",
                status);
    }

    static OperationTimeout timeout(String memoryNode, long timeoutNanos) {
        return new OperationTimeout(
                "the memory node did not complete the transfer in time; what was executed is unknown",
                "memoryNode",
                memoryNode,
                "millis",
                TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
    }

    /**
     * Ends a connection for good: what is unknown must not execute later, for block and buffer may be given back next, and be
     * another one's then.
     *
     * @throws FineMemException if the memory node could not be asked for it, and so was given up; this side's end is closed
     *     all the same
     */
    static void fence(HeapConnector connector, HeapLink link, FineMemException cause) {
        try {
            connector.disconnect(link);
        } catch (RuntimeException e) {
            e.addSuppressed(cause);
            throw connector.lose(e);
        } finally {
            link.connection().close();
        }
    }
}
