package io.finemem.runtime;

import io.finemem.api.MemoryClosed;
import io.finemem.spi.coordination.ClusterEvent;
import io.finemem.spi.coordination.ClusterListener;
import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationFeature;
import io.finemem.spi.coordination.CoordinationStatus;
import io.finemem.spi.coordination.CoordinationUnavailable;
import io.finemem.spi.coordination.OwnerRegistration;
import io.finemem.spi.coordination.Registration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an owner listed in the directory, under its client's name. What it holds does not depend on it: an owner that is listed as
 * dead although it lives, because one memory node lost it, goes on with the others under a new incarnation.
 *
 * <p>The directory calls it, one call at a time; its registration ends with the directory.
 */
final class OwnerPresence implements ClusterListener {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerPresence.class);

    private final Coordination coordination;
    private final String name;
    private @Nullable OwnerRegistration registration;

    private OwnerPresence(Coordination coordination, String name) {
        this.coordination = coordination;
        this.name = name;
    }

    /** Begins to keep it listed, if the directory has a list of owners. */
    static void keep(Coordination coordination, String name) {
        if (coordination.features().contains(CoordinationFeature.OWNERS)) {
            coordination.watch(new OwnerPresence(coordination, name));
        }
    }

    @Override
    public synchronized void changed(ClusterView view, List<ClusterEvent> events) {
        register();
    }

    @Override
    public synchronized void statusChanged(CoordinationStatus status) {
        if (status.connected()) {
            register();
        }
    }

    private void register() {
        OwnerRegistration present = registration;
        if (present != null && present.state() != Registration.State.LOST) {
            return;
        }
        if (present != null) {
            LOG.warn(
                    "{} was declared dead by a memory node, as the directory says; memory nodes that hear from it keep it",
                    present.identity());
        }
        try {
            registration = coordination.registerOwner(name);
        } catch (CoordinationUnavailable | MemoryClosed e) {
            LOG.debug("{} is listed later: {}", name, e.getMessage());
        }
    }
}
