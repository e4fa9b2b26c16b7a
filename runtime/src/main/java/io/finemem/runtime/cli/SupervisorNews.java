package io.finemem.runtime.cli;

import io.finemem.service.ipc.ServiceManager;
import io.finemem.service.ipc.SystemCallFailed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the service manager, if one wants to hear it, that a daemon is ready or stops. A daemon runs on if that fails. */
final class SupervisorNews {
    private static final Logger LOG = LoggerFactory.getLogger(SupervisorNews.class);

    private SupervisorNews() {}

    private interface Telling {
        void to(ServiceManager manager) throws SystemCallFailed;
    }

    static void ready() {
        tell(ServiceManager::ready);
    }

    static void stopping() {
        tell(ServiceManager::stopping);
    }

    private static void tell(Telling telling) {
        ServiceManager.ofThisProcess().ifPresent(manager -> {
            try {
                telling.to(manager);
            } catch (SystemCallFailed e) {
                LOG.warn("the service manager cannot be told (NOTIFY_SOCKET): {}", e.getMessage());
            }
        });
    }
}
