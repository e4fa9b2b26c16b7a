package io.finemem.service.server;

import java.util.HashMap;
import java.util.Map;

/**
 * The accounts of those that have sessions; any thread. An application whose name the operator gave a quota has an account of its
 * own for each user; all others of a user share one.
 */
final class Accounts {
    private static final String OTHERS = "";

    private record Application(int uid, String name) {}

    private final Quotas quotas;
    private final Map<Application, Account> applications = new HashMap<>();
    private final Map<Integer, Account> users = new HashMap<>();

    Accounts(Quotas quotas) {
        this.quotas = quotas;
    }

    /** What a session is charged on: its application's account and its user's. */
    final class Holding {
        private final Application key;
        private final Account application;
        private final Account user;

        private Holding(Application key, Account application, Account user) {
            this.key = key;
            this.application = application;
            this.user = user;
        }

        void charge(long bytes, long blocks) {
            application.charge(bytes, blocks);
            try {
                user.charge(bytes, blocks);
            } catch (RuntimeException e) {
                application.release(bytes, blocks);
                throw e;
            }
        }

        /** Takes room for what is held already. */
        void take(long bytes, long blocks) {
            application.take(bytes, blocks);
            user.take(bytes, blocks);
        }

        void release(long bytes, long blocks) {
            application.release(bytes, blocks);
            user.release(bytes, blocks);
        }

        /** The session has ended and holds nothing. */
        void close() {
            synchronized (Accounts.this) {
                if (--application.sessions == 0) {
                    applications.remove(key);
                }
                if (--user.sessions == 0) {
                    users.remove(key.uid());
                }
            }
        }
    }

    synchronized Holding open(int uid, String name) {
        boolean named = quotas.byName().containsKey(name);
        Application key = new Application(uid, named ? name : OTHERS);
        String holder = named ? "application '" + name + "' of uid " + uid : "uid " + uid;
        Account application = applications.computeIfAbsent(
                key, absent -> new Account(holder, named ? quotas.ofApplication(name) : quotas.ofOthers(uid)));
        Account user = users.computeIfAbsent(uid, absent -> new Account("uid " + uid, quotas.ofUser(uid)));
        application.sessions++;
        user.sessions++;
        return new Holding(key, application, user);
    }
}
