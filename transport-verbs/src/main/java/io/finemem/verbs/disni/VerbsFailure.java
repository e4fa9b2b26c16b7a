package io.finemem.verbs.disni;

import java.io.IOException;

/** A native call failed; as DiSNI's API declares, with the error number for those who tell the causes apart. */
public final class VerbsFailure extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    VerbsFailure(String text, int errno) {
        super(text);
        this.errno = errno;
    }

    /** Error number of libc, positive. */
    public int errno() {
        return errno;
    }
}
