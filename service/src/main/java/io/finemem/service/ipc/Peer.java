package io.finemem.service.ipc;

import java.util.Set;

/**
 * Who is at the other end of a Unix socket, as the kernel noted when it connected.
 *
 * @param pid process, in this process's pid namespace
 * @param uid effective user
 * @param gid effective group
 * @param groups supplementary groups; empty where the kernel does not tell
 */
public record Peer(int pid, int uid, int gid, Set<Integer> groups) {
    /** Takes a copy. */
    public Peer {
        groups = Set.copyOf(groups);
    }

    /** The user that this process runs as. */
    public static int ownUid() {
        NativeCalls.require();
        return LibC.C.geteuid();
    }
}
