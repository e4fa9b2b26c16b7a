package io.finemem.service.ipc;

/**
 * Who is at the other end of a Unix socket, as the kernel noted when it connected.
 *
 * @param pid process, in this process's pid namespace
 * @param uid effective user
 * @param gid effective group
 */
public record Peer(int pid, int uid, int gid) {
    /** The user that this process runs as. */
    public static int ownUid() {
        return LibC.C.geteuid();
    }
}
