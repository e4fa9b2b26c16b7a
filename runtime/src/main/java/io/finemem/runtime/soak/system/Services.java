package io.finemem.runtime.soak.system;

import io.finemem.runtime.control.ControlClient;
import java.util.stream.IntStream;

/** The allocation services of a run. Used by one thread. */
final class Services {
    private final SystemLayout layout;
    private final Daemons daemons;
    private final Patience patience;
    private final MemoryNodes nodes;
    private final SystemProcess[] services;
    private boolean mayEnd;

    Services(int count, SystemLayout layout, Daemons daemons, Patience patience, MemoryNodes nodes) {
        this.layout = layout;
        this.daemons = daemons;
        this.patience = patience;
        this.nodes = nodes;
        this.services = new SystemProcess[count];
    }

    /** Side by side; returns when all can be used. */
    void start() {
        IntStream.range(0, services.length).forEach(this::start);
        awaitReady();
        patience.check(this::requireGood);
    }

    private void start(int service) {
        services[service] = daemons.start(
                SystemLayout.serviceName(service), "compute-node", layout.service(service, nodes.ports()));
    }

    private void awaitReady() {
        for (SystemProcess service : services) {
            patience.await(service.name() + " to be ready", () -> {
                service.requireGood();
                return !service.ready().isEmpty();
            });
        }
    }

    private void requireGood() {
        for (SystemProcess service : services) {
            if (!mayEnd) {
                service.requireGood();
            }
        }
    }

    int count() {
        return services.length;
    }

    SystemProcess process(int service) {
        return services[service];
    }

    void restart(int service) {
        services[service].kill();
        start(service);
    }

    /** Whether they may end by themselves from now on, since they may be taken for dead. */
    void mayEnd(boolean may) {
        mayEnd = may;
    }

    /** All of them are there and owners at all memory nodes; one that has ended is started again, as systemd would. */
    void awaitOwners() {
        for (int i = 0; i < services.length; i++) {
            if (!services[i].alive()) {
                start(i);
            }
        }
        awaitReady();
        for (int node = 0; node < nodes.count(); node++) {
            int at = node;
            patience.await("the services to use mn" + at, () -> {
                restartEnded();
                return nodes.ask(at, ControlClient::statistics).owners() == services.length
                        && IntStream.range(0, services.length)
                                .allMatch(service -> nodes.owned(at, services[service].name()));
            });
        }
        awaitReady();
        mayEnd = false;
    }

    private void restartEnded() {
        for (int i = 0; mayEnd && i < services.length; i++) {
            if (!services[i].alive()) {
                start(i);
            }
        }
    }

    void terminate() {
        mayEnd = true;
        for (SystemProcess service : services) {
            service.terminate();
        }
    }
}
