package io.finemem.service.server;

import io.finemem.service.ipc.Peer;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/**
 * Who may use the service. The kernel vouches for user and group of a peer.
 *
 * @param uids allowed users
 * @param gids allowed groups: a peer's effective and supplementary groups count
 * @param group name or number of the group that the socket is given to, and that is allowed with it; empty: none
 */
public record AccessRules(Set<Integer> uids, Set<Integer> gids, String group) {
    /** Takes copies. */
    public AccessRules {
        uids = Set.copyOf(uids);
        gids = Set.copyOf(gids);
    }

    /** The user that the service runs as, and nobody else. */
    public static AccessRules ownUser() {
        return new AccessRules(Set.of(Peer.ownUid()), Set.of(), "");
    }

    boolean allows(Peer peer) {
        return uids.contains(peer.uid()) || gids.contains(peer.gid()) || !Collections.disjoint(gids, peer.groups());
    }

    /** The same, and a group more. */
    AccessRules and(int gid) {
        Set<Integer> more = new HashSet<>(gids);
        more.add(gid);
        return new AccessRules(uids, more, group);
    }

    /** Whether others than the service's own user are allowed, so that the socket must be open to them. */
    boolean allowsOthers() {
        return !group.isEmpty() || !gids.isEmpty() || !Set.of(Peer.ownUid()).containsAll(uids);
    }
}
