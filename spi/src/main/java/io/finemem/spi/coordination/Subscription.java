package io.finemem.spi.coordination;

/** A listener's connection to the changes. */
public interface Subscription extends AutoCloseable {

    /** Ends it: no call of the listener begins after this has returned. Calling it again does nothing. */
    @Override
    void close();
}
