package io.finemem.allocator;

/**
 * Is told how long blocking operations took, of one in {@link #PERIOD} of each worker. Called by the thread that allocates or frees:
 * an implementation must be safe for several threads, fast, and must not throw.
 *
 * <p>The time is that of the operation alone, without the wait for a free worker.
 */
public interface OperationListener {
    /** One operation of so many is timed; a prime, so that no rhythm of an application or of run-ahead is always or never met. */
    int PERIOD = 61;

    /** Is told nothing: operations are not timed. */
    OperationListener NONE = new OperationListener() {
        @Override
        public void allocated(int sizeClass, long nanos) {
            // nobody wants to know
        }

        @Override
        public void freed(int sizeClass, long nanos) {
            // nobody wants to know
        }
    };

    /**
     * A block was allocated.
     *
     * @param sizeClass a {@link SizeClass}
     */
    void allocated(int sizeClass, long nanos);

    /**
     * A block was freed.
     *
     * @param sizeClass a {@link SizeClass}
     */
    void freed(int sizeClass, long nanos);
}
