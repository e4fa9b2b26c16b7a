package io.finemem.coordination.redis;

import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerRegistration;
import io.finemem.spi.coordination.OwnerState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An owner of this process. */
final class OwnerHeartbeat extends LeasedRegistration implements OwnerRegistration {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerHeartbeat.class);

    private final OwnerIdentity identity;

    OwnerHeartbeat(RedisCoordination coordination, OwnerIdentity identity) {
        super(coordination);
        this.identity = identity;
    }

    @Override
    public OwnerIdentity identity() {
        return identity;
    }

    @Override
    boolean announce() {
        boolean lives = coordination.directory().announce(coordination.views().floor(), identity);
        if (!lives) {
            LOG.warn("owner {} was declared dead by others", identity);
        }
        return lives;
    }

    @Override
    void retire() {
        coordination.directory().end(coordination.views().floor(), identity, OwnerState.LEFT);
    }

    @Override
    boolean refused() {
        return coordination.view().hasEnded(identity);
    }

    @Override
    public String toString() {
        return "registration{owner " + identity + " " + state() + "}";
    }
}
