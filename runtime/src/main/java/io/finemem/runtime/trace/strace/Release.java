package io.finemem.runtime.trace.strace;

/** A call that gave memory back. Compared by identity: two calls at the same time are two releases. */
final class Release implements Moment {
    private final long micros;

    Release(long micros) {
        this.micros = micros;
    }

    @Override
    public long micros() {
        return micros;
    }
}
