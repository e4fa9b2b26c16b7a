package io.finemem.runtime;

import java.util.ArrayDeque;
import java.util.Deque;

/** What was opened, to be closed in reverse order, all of it, whatever fails on the way. Not thread-safe. */
final class OwnedResources {
    private final Deque<Runnable> closers = new ArrayDeque<>();

    void add(Runnable closer) {
        closers.push(closer);
    }

    /** Closes everything; the first failure is thrown, later ones are attached to it. */
    void close() {
        RuntimeException first = null;
        while (!closers.isEmpty()) {
            try {
                closers.pop().run();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** Closes everything after a failure that is about to be thrown. */
    void closeAfter(RuntimeException failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }
}
