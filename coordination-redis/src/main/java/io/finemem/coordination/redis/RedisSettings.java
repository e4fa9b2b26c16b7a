package io.finemem.coordination.redis;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.coordination.CoordinationSettings;
import io.finemem.spi.settings.NetworkAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.SslOptions;

/**
 * The provider's configuration, checked. The text form shows no secret.
 *
 * @param mode how the addresses are to be understood
 * @param addresses one server, or some sentinels or cluster nodes
 * @param primary name that sentinels have for the primary, empty in other modes
 * @param credentials for the server
 * @param sentinelCredentials for the sentinels
 * @param tls trust and keys of TLS connections; null for plain ones
 * @param prefix what all keys of this cluster begin with
 * @param timeout bound of connecting and of each command
 * @param heartbeat time between two confirmations of a lease, and between two looks at the view
 * @param lease how long a registration lives without confirmation
 * @param retention how long ended members are listed
 * @param lacking what the connection lacks to be safe; empty if nothing
 */
record RedisSettings(
        RedisMode mode,
        List<NetworkAddress> addresses,
        String primary,
        Credentials credentials,
        Credentials sentinelCredentials,
        @Nullable SslOptions tls,
        String prefix,
        Duration timeout,
        Duration heartbeat,
        Duration lease,
        Duration retention,
        String lacking) {
    static final int HEARTBEATS_PER_LEASE = 3;

    private static final String MODE = "mode";
    private static final String ADDRESSES = "addresses";
    private static final String SENTINEL_PRIMARY = "sentinel-primary";
    private static final String PASSWORD_FILE = "password-file";
    private static final Credentials.Keys SERVER = new Credentials.Keys("user", PASSWORD_FILE, "password-variable");
    private static final Credentials.Keys SENTINELS =
            new Credentials.Keys("sentinel-user", "sentinel-password-file", "sentinel-password-variable");
    private static final String TLS = "tls";
    private static final String PREFIX = "prefix";
    private static final String TIMEOUT = "timeout";
    private static final String HEARTBEAT = "heartbeat";
    private static final String LEASE = "lease";
    private static final String RETENTION = "retention";
    private static final String INSECURE = "insecure";

    static final Set<String> KEYS = Set.of(
            MODE,
            ADDRESSES,
            SENTINEL_PRIMARY,
            SENTINELS.user(),
            SENTINELS.file(),
            SENTINELS.variable(),
            SERVER.user(),
            SERVER.file(),
            SERVER.variable(),
            TLS,
            TlsMaterial.CA_FILE,
            TlsMaterial.CERTIFICATE_FILE,
            TlsMaterial.KEY_FILE,
            PREFIX,
            TIMEOUT,
            HEARTBEAT,
            LEASE,
            RETENTION,
            INSECURE);

    private static final Pattern PREFIX_FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Duration SHORTEST = Duration.ofMillis(20);

    /** Reads and checks everything. */
    static RedisSettings read(CoordinationSettings settings) {
        return read(settings, System::getenv);
    }

    static RedisSettings read(CoordinationSettings settings, Function<String, @Nullable String> environment) {
        settings.requireKnown(KEYS);
        RedisMode mode = mode(settings);
        Credentials credentials = Credentials.read(settings, SERVER, environment);
        SslOptions tls = tls(settings);
        Duration heartbeat = settings.duration(HEARTBEAT, Duration.ofSeconds(2), SHORTEST, Duration.ofMinutes(1));
        return new RedisSettings(
                mode,
                addresses(settings, mode),
                primary(settings, mode),
                credentials,
                Credentials.read(settings, SENTINELS, environment),
                tls,
                prefix(settings),
                settings.duration(TIMEOUT, Duration.ofSeconds(2), SHORTEST, Duration.ofMinutes(1)),
                heartbeat,
                lease(settings, heartbeat),
                settings.duration(RETENTION, Duration.ofHours(24), Duration.ofSeconds(1), Duration.ofDays(365)),
                lacking(settings, credentials, tls != null));
    }

    private static RedisMode mode(CoordinationSettings settings) {
        String text = settings.text(MODE, RedisMode.STANDALONE.text());
        return RedisMode.of(text).orElseThrow(() -> settings.invalid(MODE, text, "one of " + RedisMode.all()));
    }

    private static List<NetworkAddress> addresses(CoordinationSettings settings, RedisMode mode) {
        String localhost = "127.0.0.1:" + mode.defaultPort();
        List<NetworkAddress> addresses = settings.list(
                ADDRESSES,
                localhost,
                "host:port, separated by commas",
                text -> NetworkAddress.parse(text, mode.defaultPort()));
        if (mode == RedisMode.STANDALONE && addresses.size() != 1) {
            throw settings.invalid(
                    ADDRESSES,
                    settings.text(ADDRESSES, ""),
                    "one address with " + settings.path(MODE) + " = standalone; several need sentinel or cluster");
        }
        return addresses;
    }

    private static String primary(CoordinationSettings settings, RedisMode mode) {
        String primary = settings.text(SENTINEL_PRIMARY, "");
        if (mode == RedisMode.SENTINEL && primary.isEmpty()) {
            throw new InvalidConfiguration(settings.path(SENTINEL_PRIMARY) + " is missing: with " + settings.path(MODE)
                    + " = sentinel it must be the name that the sentinels have for the primary");
        }
        return primary;
    }

    private static @Nullable SslOptions tls(CoordinationSettings settings) {
        if (settings.flag(TLS, false)) {
            return TlsMaterial.read(settings);
        }
        for (String key : List.of(TlsMaterial.CA_FILE, TlsMaterial.CERTIFICATE_FILE, TlsMaterial.KEY_FILE)) {
            if (!settings.text(key, "").isEmpty()) {
                throw new InvalidConfiguration(settings.path(key) + " is given, but " + settings.path(TLS)
                        + " = false: set it to true or remove the file");
            }
        }
        return null;
    }

    private static String prefix(CoordinationSettings settings) {
        String prefix = settings.text(PREFIX, "finemem");
        if (!PREFIX_FORM.matcher(prefix).matches()) {
            throw settings.invalid(
                    PREFIX, prefix, "1 to 64 characters of A-Z a-z 0-9 . _ - that begin with a letter or digit");
        }
        return prefix;
    }

    private static Duration lease(CoordinationSettings settings, Duration heartbeat) {
        Duration lease = settings.duration(LEASE, Duration.ofSeconds(10), SHORTEST, Duration.ofHours(1));
        if (lease.compareTo(heartbeat.multipliedBy(HEARTBEATS_PER_LEASE)) < 0) {
            throw settings.invalid(
                    LEASE,
                    lease.toMillis() + "ms",
                    "at least " + HEARTBEATS_PER_LEASE + " times " + settings.path(HEARTBEAT) + " = "
                            + heartbeat.toMillis() + "ms, so that one lost heartbeat ends nothing");
        }
        return lease;
    }

    private static String lacking(CoordinationSettings settings, Credentials credentials, boolean tls) {
        List<String> lacking = new ArrayList<>();
        if (!credentials.given()) {
            lacking.add("no password (" + settings.path(PASSWORD_FILE) + ")");
        }
        if (!tls) {
            lacking.add("no TLS (" + settings.path(TLS) + ")");
        }
        String text = String.join(", ", lacking);
        if (!lacking.isEmpty() && !settings.flag(INSECURE, false)) {
            throw new InvalidConfiguration("the directory on Redis would be open to others on the network: " + text
                    + "; set what is missing, or " + settings.path(INSECURE) + " = true to accept it");
        }
        return text;
    }

    /** Where it is, for people. */
    String place() {
        String where = String.join(
                ",", addresses.stream().map(NetworkAddress::toString).toList());
        return "Redis " + mode.text() + " " + where + (primary.isEmpty() ? "" : " primary " + primary) + " prefix "
                + prefix;
    }

    @Override
    public String toString() {
        return "redis{" + place() + " " + credentials + " tls=" + (tls != null) + " timeout=" + timeout + " heartbeat="
                + heartbeat + " lease=" + lease + " retention=" + retention + "}";
    }
}
