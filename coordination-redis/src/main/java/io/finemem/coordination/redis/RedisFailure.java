package io.finemem.coordination.redis;

import io.finemem.api.AuthenticationFailed;
import io.finemem.api.FineMemException;
import io.finemem.api.ProtocolViolation;
import io.finemem.spi.coordination.CoordinationUnavailable;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisException;

/** What a failure of the client means for the caller. */
final class RedisFailure {
    private static final String OTHER_LAYOUT = "FINEMEM_LAYOUT ";

    private RedisFailure() {}

    static FineMemException of(JedisException failure, RedisSettings settings) {
        String reason = reason(failure);
        if (reason.startsWith(OTHER_LAYOUT)) {
            return new ProtocolViolation(
                    "the directory on Redis was written by another version; update, or use another prefix",
                    "layout",
                    reason.substring(OTHER_LAYOUT.length()),
                    "prefix",
                    settings.prefix());
        }
        if (refused(failure)) {
            return new AuthenticationFailed(
                    failure,
                    "Redis refuses the user; check user, password and rights (docs/redis.md lists the rights)",
                    "place",
                    settings.place(),
                    "user",
                    settings.credentials().user() == null
                            ? "default"
                            : settings.credentials().user(),
                    "reason",
                    reason);
        }
        return new CoordinationUnavailable(
                failure, "the directory on Redis cannot be reached", "place", settings.place(), "reason", reason);
    }

    private static boolean refused(Throwable failure) {
        if (lowest(failure) instanceof JedisAccessControlException) {
            return true;
        }
        String reason = reason(failure);
        return reason.startsWith("NOAUTH")
                || reason.contains("NOPERM")
                || reason.contains("ACL failure")
                || reason.contains("user executing the script can't");
    }

    /** The lowest cause. What cluster nodes answered one after the other hangs on the exception as suppressed ones. */
    private static Throwable lowest(Throwable failure) {
        Throwable lowest = failure;
        while (lowest.getCause() != null || lowest.getSuppressed().length > 0) {
            lowest = lowest.getCause() != null ? lowest.getCause() : lowest.getSuppressed()[0];
        }
        return lowest;
    }

    /** First line of what the lowest cause says. */
    private static String reason(Throwable failure) {
        Throwable lowest = lowest(failure);
        String text = lowest.getMessage() == null ? lowest.getClass().getSimpleName() : lowest.getMessage();
        return text.lines().findFirst().orElse(text);
    }
}
