package io.finemem.coordination.redis;

import io.finemem.api.FineMemException;
import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationProvider;
import io.finemem.spi.coordination.CoordinationSettings;
import io.finemem.spi.transport.Availability;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory on Redis 6.2 or later: one server, a primary found by sentinels, or a cluster. */
public final class RedisCoordinationProvider implements CoordinationProvider {
    /** Its name. */
    public static final String NAME = "redis";

    private static final Logger LOG = LoggerFactory.getLogger(RedisCoordinationProvider.class);

    /** Made by {@link java.util.ServiceLoader}. */
    public RedisCoordinationProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    @Override
    public String summary() {
        return "members, leases and barriers on Redis";
    }

    @Override
    public Set<String> settingKeys() {
        return RedisSettings.KEYS;
    }

    @Override
    public void check(CoordinationSettings settings) {
        RedisSettings.read(settings);
    }

    @Override
    public Availability availability(CoordinationSettings settings) {
        try {
            RedisSettings checked = RedisSettings.read(settings);
            try (RedisDirectory directory = RedisDirectory.connect(checked)) {
                directory.ping();
                return Availability.available(checked.place());
            }
        } catch (InvalidConfiguration e) {
            return Availability.unavailable(String.valueOf(e.getMessage()), "correct the configuration");
        } catch (FineMemException e) {
            return Availability.unavailable(
                    String.valueOf(e.getMessage()), "start Redis, or correct its address, user or certificates");
        }
    }

    @Override
    public Coordination open(CoordinationSettings settings) {
        RedisSettings checked = RedisSettings.read(settings);
        if (!checked.lacking().isEmpty()) {
            LOG.warn(
                    "the directory {} is open to others on the network: {}; {} = true accepts that",
                    checked.place(),
                    checked.lacking(),
                    settings.path("insecure"));
        }
        return RedisCoordination.open(checked);
    }
}
