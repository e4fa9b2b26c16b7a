package io.finemem.transport.verbs;

import io.finemem.spi.transport.Access;
import io.finemem.verbs.ffi.AccessFlags;
import java.util.Set;

/** Rights of the SPI as the device's flags. Loops over a set make garbage: not for the data path, except binds. */
final class AccessRights {
    private static final int REMOTE = AccessFlags.REMOTE_READ | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_ATOMIC;

    private AccessRights() {}

    /** Flags of exactly these rights. */
    static int flags(Set<Access> access) {
        return flag(access, Access.REMOTE_READ, AccessFlags.REMOTE_READ)
                | flag(access, Access.REMOTE_WRITE, AccessFlags.REMOTE_WRITE)
                | flag(access, Access.REMOTE_ATOMIC, AccessFlags.REMOTE_ATOMIC)
                | flag(access, Access.WINDOW_BIND, AccessFlags.WINDOW_BIND);
    }

    /** Whether peers may do anything. */
    static boolean remote(int flags) {
        return (flags & REMOTE) != 0;
    }

    private static int flag(Set<Access> access, Access right, int flag) {
        return access.contains(right) ? flag : 0;
    }
}
