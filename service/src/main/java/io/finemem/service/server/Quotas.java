package io.finemem.service.server;

import java.util.Map;

/**
 * Who may hold how much. An application is a user and a name, and all its sessions share its quota. A name is what the
 * application says it is: only the quota of a user is a limit that it cannot get around.
 *
 * @param each quota of an application without one of its own
 * @param byName quotas of applications by name
 * @param byUid quotas of all applications of a user together
 */
public record Quotas(Quota each, Map<String, Quota> byName, Map<Integer, Quota> byUid) {
    /** Takes copies. */
    public Quotas {
        byName = Map.copyOf(byName);
        byUid = Map.copyOf(byUid);
    }

    /** The same quota for every application. */
    public static Quotas each(Quota quota) {
        return new Quotas(quota, Map.of(), Map.of());
    }

    Quota ofApplication(String name) {
        return byName.getOrDefault(name, each);
    }

    Quota ofUser(int uid) {
        return byUid.getOrDefault(uid, Quota.UNLIMITED);
    }
}
