package io.finemem.runtime;

import io.finemem.allocator.control.AuditReport;
import io.finemem.api.FineMemException;
import io.finemem.runtime.config.HttpConfig;
import io.finemem.runtime.config.MemoryNodeConfig;
import io.finemem.runtime.http.Health;
import io.finemem.spi.transport.TransportDescription;
import io.finemem.spi.transport.Transports;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Memory nodes that serve other processes, most often one: their memory over transports, their control channels over TCP. Several
 * share the process and its HTTP endpoint and nothing else, so that clients see memory nodes.
 *
 * <p>All methods may be called by any thread.
 */
public final class MemoryNodeDaemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryNodeDaemon.class);

    private final List<ServedPool> pools;
    private final Optional<DaemonEndpoint> http;
    private final OwnedResources resources;
    private final CompletableFuture<@Nullable Void> stopped = new CompletableFuture<>();
    private final Object closing = new Object();

    private MemoryNodeDaemon(List<ServedPool> pools, Optional<DaemonEndpoint> http, OwnedResources resources) {
        this.pools = List.copyOf(pools);
        this.http = http;
        this.resources = resources;
    }

    /** One memory node without an HTTP endpoint. */
    public static MemoryNodeDaemon open(MemoryNodeConfig config, Transports transports) {
        return open(config, HttpConfig.OFF, transports);
    }

    /** One memory node. */
    public static MemoryNodeDaemon open(MemoryNodeConfig config, HttpConfig http, Transports transports) {
        return open(List.of(config), http, transports);
    }

    /**
     * Reserves the memory of all and listens.
     *
     * @param configs one for each memory node, with different names
     * @throws io.finemem.api.InvalidConfiguration if the secret file, the transport's settings or the address are not
     *     usable
     * @throws io.finemem.spi.transport.TransportUnavailable if the transport does not work here
     * @throws io.finemem.api.OutOfLocalResources if memory or the port cannot be had
     * @throws FineMemException any of these with the name of the memory node, if there are several; nothing is left behind
     */
    public static MemoryNodeDaemon open(List<MemoryNodeConfig> configs, HttpConfig http, Transports transports) {
        OwnedResources resources = new OwnedResources();
        try {
            List<ServedPool> pools = new ArrayList<>();
            for (MemoryNodeConfig config : configs) {
                ServedPool pool =
                        configs.size() == 1 ? ServedPool.open(config, transports) : openOneOf(config, transports);
                resources.add(pool::close);
                pools.add(pool);
            }
            DirectoryOutages outages = new DirectoryOutages();
            Optional<DaemonEndpoint> endpoint = endpoint(http, configs.get(0), pools, outages, resources);
            resources.add(() -> pools.forEach(ServedPool::withdraw));
            pools.forEach(pool -> pool.announce(outages));
            MemoryNodeDaemon daemon = new MemoryNodeDaemon(pools, endpoint, resources);
            daemon.awaitStops();
            return daemon;
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** Somebody who starts several wants to know which one cannot. */
    private static ServedPool openOneOf(MemoryNodeConfig config, Transports transports) {
        try {
            return ServedPool.open(config, transports);
        } catch (FineMemException e) {
            throw new FineMemException(
                    e.code(), e, "memory node " + config.pool().name() + " cannot start: " + e.getMessage());
        }
    }

    private static Optional<DaemonEndpoint> endpoint(
            HttpConfig http,
            MemoryNodeConfig first,
            List<ServedPool> pools,
            DirectoryOutages outages,
            OwnedResources resources) {
        return DaemonEndpoint.open(
                http,
                first.pool().name(),
                registry -> {
                    pools.forEach(pool -> pool.meter(registry));
                    DaemonEndpoint.directory(registry, first.coordination(), outages, resources);
                    return () -> pools.forEach(ServedPool::refresh);
                },
                () -> health(pools),
                resources);
    }

    /** Ready while one serves and none fails; all are named if there are several. */
    private static Health health(List<ServedPool> pools) {
        if (pools.size() == 1) {
            return pools.get(0).health();
        }
        boolean ready = false;
        boolean failing = false;
        List<String> texts = new ArrayList<>();
        for (ServedPool pool : pools) {
            Health health = pool.health();
            ready |= health.ready();
            failing |= !pool.failure().isEmpty();
            texts.add(pool.name() + " " + health.text());
        }
        return new Health(ready && !failing, String.join(", ", texts));
    }

    /** One of several that was stopped is closed at once; the last, or the only one, is the end of the daemon. */
    private void awaitStops() {
        CompletableFuture<?>[] ends =
                pools.stream().map(pool -> pool.stopped().toCompletableFuture()).toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(ends).thenRun(() -> stopped.complete(null));
        if (pools.size() > 1) {
            pools.forEach(pool -> pool.stopped().thenRun(() -> closeLater(pool)));
        }
    }

    /** In a thread of its own: the one that hears of the stop still has to answer. */
    private static void closeLater(ServedPool pool) {
        Thread thread = new Thread(() -> closeStopped(pool), "finemem-stop-" + pool.name());
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeStopped(ServedPool pool) {
        try {
            pool.close();
            LOG.info("memory node {} was stopped; the others go on", pool.name());
        } catch (RuntimeException e) {
            LOG.error("memory node {} was stopped, with failures: {}", pool.name(), e.getMessage(), e);
        }
    }

    /** Where the HTTP endpoint listens, with the real port; empty if there is none. */
    public Optional<InetSocketAddress> httpAddress() {
        return http.map(DaemonEndpoint::address);
    }

    /** The memory nodes, also those that were stopped meanwhile. */
    public List<ServedPool> pools() {
        return pools;
    }

    /** Name of the memory node, or of the first of several. */
    public String name() {
        return pools.get(0).name();
    }

    /** Where its control channel listens, with the real port. */
    public InetSocketAddress address() {
        return pools.get(0).address();
    }

    /** What carries its operations. */
    public TransportDescription transport() {
        return pools.get(0).transport();
    }

    /** Walks over all its metadata; owners may go on working meanwhile. */
    public AuditReport audit() {
        return pools.get(0).audit();
    }

    /** Completes when peers have stopped all memory nodes over their control channels: they are empty, and this is to be closed. */
    public CompletionStage<@Nullable Void> stopped() {
        return stopped.minimalCompletionStage();
    }

    /**
     * Takes the memory nodes out of the directory, then ends all sessions, fences their owners and releases the memory, the last memory
     * node first. Later calls do nothing.
     */
    @Override
    public void close() {
        synchronized (closing) {
            resources.close();
        }
    }
}
