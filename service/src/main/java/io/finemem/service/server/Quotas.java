package io.finemem.service.server;

import java.util.Map;

/**
 * Who may hold how much. The kernel vouches for users, so quotas go by them: all sessions of a user share one, whatever their
 * applications call themselves. A name that the operator lists has a quota of its own besides; an application chooses its name
 * itself, so only the quota of a user is a limit that it cannot get around.
 *
 * @param each quota of a user without one of its own: what its applications hold that have no quota by name
 * @param byName quotas of applications by name, for each user
 * @param byUid quotas of all applications of a user together, those with a quota by name included
 */
public record Quotas(Quota each, Map<String, Quota> byName, Map<Integer, Quota> byUid) {
    /** Takes copies. */
    public Quotas {
        byName = Map.copyOf(byName);
        byUid = Map.copyOf(byUid);
    }

    /** The same quota for every user. */
    public static Quotas each(Quota quota) {
        return new Quotas(quota, Map.of(), Map.of());
    }

    Quota ofApplication(String name) {
        return byName.getOrDefault(name, each);
    }

    /** What a user's applications without a quota by name hold together; {@link #ofUser} is for them all. */
    Quota ofOthers(int uid) {
        return byUid.containsKey(uid) ? Quota.UNLIMITED : each;
    }

    Quota ofUser(int uid) {
        return byUid.getOrDefault(uid, Quota.UNLIMITED);
    }
}
