package io.finemem.transport.shm;

import io.finemem.spi.transport.ConnectionLost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The fabrics that one transport is connected to, and the thread that looks whether their processes live. */
final class Peers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Peers.class);

    private final long intervalMillis;
    private final Map<Path, Use> peers = new HashMap<>();
    private @Nullable ScheduledExecutorService watch;

    Peers(long intervalMillis) {
        this.intervalMillis = intervalMillis;
    }

    private static final class Use {
        private final PeerFabric fabric;
        private int connections;

        private Use(PeerFabric fabric) {
            this.fabric = fabric;
        }
    }

    /**
     * The fabric of a descriptor, for one more connection.
     *
     * @throws ConnectionLost if it is not there any more
     */
    FabricView acquire(Descriptor descriptor) {
        Fabric local = LocalFabrics.find(descriptor.fabric());
        if (local != null) {
            requireSame(local.nonce() == descriptor.nonce(), descriptor);
            return local;
        }
        return acquirePeer(descriptor);
    }

    private synchronized FabricView acquirePeer(Descriptor descriptor) {
        Use use = peers.get(descriptor.fabric());
        if (use == null) {
            use = new Use(PeerFabric.open(descriptor.fabric()));
            peers.put(descriptor.fabric(), use);
            startWatch();
        }
        requireSame(use.fabric.nonce() == descriptor.nonce() && !use.fabric.dead(), descriptor);
        use.connections++;
        return use.fabric;
    }

    private static void requireSame(boolean same, Descriptor descriptor) {
        if (!same) {
            throw new ConnectionLost("the peer has ended", "path", descriptor.fabric());
        }
    }

    /** One connection less. The mapping is kept while the peer lives, for the next connection. */
    synchronized void release(FabricView view) {
        if (view instanceof PeerFabric peer) {
            Use use = peers.get(peer.path());
            if (use != null) {
                use.connections--;
            }
        }
    }

    private void startWatch() {
        if (watch == null) {
            watch = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, "finemem-shm-liveness");
                thread.setDaemon(true);
                return thread;
            });
            watch.scheduleWithFixedDelay(this::probeAll, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void probeAll() {
        for (Iterator<Use> uses = peers.values().iterator(); uses.hasNext(); ) {
            Use use = uses.next();
            if (probe(use.fabric) && use.connections == 0) {
                uses.remove();
                close(use.fabric);
            }
        }
    }

    private static boolean probe(PeerFabric fabric) {
        try {
            boolean before = fabric.dead();
            boolean dead = fabric.probe();
            if (dead && !before) {
                LOG.info("a peer's process has ended [path={}]", fabric.path());
            }
            return dead;
        } catch (IOException e) {
            LOG.warn("cannot tell whether a peer's process lives [path={}]", fabric.path(), e);
            return false;
        }
    }

    private static void close(PeerFabric fabric) {
        try {
            fabric.close();
        } catch (IOException e) {
            LOG.warn("a peer's file cannot be closed [path={}]", fabric.path(), e);
        }
    }

    @Override
    public synchronized void close() {
        if (watch != null) {
            watch.shutdown();
        }
        peers.values().forEach(use -> close(use.fabric));
        peers.clear();
    }
}
