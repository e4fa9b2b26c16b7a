package io.finemem.transport.shm;

import io.finemem.spi.transport.Access;
import java.util.Set;

/** Access rights as bits. */
final class Rights {
    static final int READ = bit(Access.REMOTE_READ);
    static final int WRITE = bit(Access.REMOTE_WRITE);
    static final int ATOMIC = bit(Access.REMOTE_ATOMIC);
    static final int BIND = bit(Access.WINDOW_BIND);
    static final int REMOTE = READ | WRITE | ATOMIC;

    private Rights() {}

    private static int bit(Access access) {
        return 1 << access.ordinal();
    }

    static int of(Set<Access> access) {
        int bits = 0;
        for (Access right : Access.values()) {
            bits |= access.contains(right) ? bit(right) : 0;
        }
        return bits;
    }
}
