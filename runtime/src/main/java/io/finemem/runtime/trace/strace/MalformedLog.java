package io.finemem.runtime.trace.strace;

/** A line of an strace log that was not expected. */
final class MalformedLog extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedLog(int line, String what) {
        super("line " + line + ": " + what);
    }
}
