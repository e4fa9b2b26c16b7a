package io.finemem.service.server;

import io.finemem.service.ipc.Peer;
import java.util.Set;

/**
 * Who may use the service. The kernel vouches for user and group of a peer.
 *
 * @param uids allowed users
 * @param gids allowed groups, by the peer's effective group
 */
public record AccessRules(Set<Integer> uids, Set<Integer> gids) {
    /** Takes copies. */
    public AccessRules {
        uids = Set.copyOf(uids);
        gids = Set.copyOf(gids);
    }

    /** The user that the service runs as, and nobody else. */
    public static AccessRules ownUser() {
        return new AccessRules(Set.of(Peer.ownUid()), Set.of());
    }

    boolean allows(Peer peer) {
        return uids.contains(peer.uid()) || gids.contains(peer.gid());
    }

    /** Whether others than the service's own user are allowed, so that the socket must be open to them. */
    boolean allowsOthers() {
        return !gids.isEmpty() || !Set.of(Peer.ownUid()).containsAll(uids);
    }
}
