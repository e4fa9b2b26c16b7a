package io.finemem.verbs.disni;

import io.finemem.verbs.ffi.Errno;
import java.io.IOException;

/** Failures of native calls as the exceptions that DiSNI's API declares. */
final class Failures {
    private Failures() {}

    /** The failure of a call that has set errno. */
    static IOException last(String call) {
        return of(call, Errno.last());
    }

    /** The failure of a call that returned an error number. */
    static IOException of(String call, int errno) {
        return new VerbsFailure(call + " failed [" + Errno.describe(errno) + "]", Math.abs(errno));
    }

    /** Throws unless a call that returns 0 or an error number gave 0. */
    static void check(String call, int result) throws IOException {
        if (result != 0) {
            throw of(call, result);
        }
    }

    /** Throws unless a call that returns a pointer gave one. */
    static long checkPointer(String call, long result) throws IOException {
        if (result == 0) {
            throw last(call);
        }
        return result;
    }

    /** Throws unless a call that returns -1 and sets errno gave 0. */
    static void checkLast(String call, int result) throws IOException {
        if (result != 0) {
            throw last(call);
        }
    }
}
