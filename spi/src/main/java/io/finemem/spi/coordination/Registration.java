package io.finemem.spi.coordination;

/** Something that this process announced to the directory and whose lease is kept alive until it is closed. */
public interface Registration extends AutoCloseable {

    /** Whether it still stands. */
    enum State {
        /** The directory confirmed it within the lease. */
        ACTIVE,
        /** No confirmation for a whole lease: others may think that it is gone. It comes back by itself. */
        UNCONFIRMED,
        /** Refused for ever: the owner was declared dead, or the memory node's name was taken over. */
        LOST,
        /** Closed by this process. */
        CLOSED
    }

    /** Whether it still stands. */
    State state();

    /** Withdraws it in good order, as far as the directory can be reached in time. Calling it again does nothing. */
    @Override
    void close();
}
