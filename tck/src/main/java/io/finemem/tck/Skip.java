package io.finemem.tck;

import org.opentest4j.TestAbortedException;

/** Skips that say why. */
final class Skip {
    private Skip() {}

    /** Prints the reason and gives the exception that skips the case. */
    static TestAbortedException because(String reason) {
        System.out.println("TCK skipped: " + reason);
        return new TestAbortedException(reason);
    }

    /** Skips unless the condition holds. */
    static void unless(boolean condition, String reason) {
        if (!condition) {
            throw because(reason);
        }
    }
}
