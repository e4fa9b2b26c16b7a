package io.finemem.transport.shm;

import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.spi.transport.Capabilities;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportDescription;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Memory of this process for peers on the same host, and connections to theirs. */
final class ShmTransport implements Transport {
    /** Longest region and transfer: bounded by the addresses, in practice by the file system. */
    static final long MAX_REGION_BYTES = 1L << 44;

    static final int MAX_ELEMENTS_IN_FLIGHT = 1 << 16;

    private static final Logger LOG = LoggerFactory.getLogger(ShmTransport.class);

    private final ShmSettings settings;
    private final Fabric fabric;
    private final Peers peers;
    private final TransportDescription description;
    private final Set<ShmDomain> domains = new LinkedHashSet<>();
    private boolean closed;

    private ShmTransport(ShmSettings settings, Fabric fabric) {
        this.settings = settings;
        this.fabric = fabric;
        this.peers = new Peers(settings.livenessMillis());
        this.description = new TransportDescription(ShmTransportProvider.NAME, fabric.name(), detail(settings));
    }

    static ShmTransport open(ShmSettings settings) {
        StaleFiles.remove(settings.directory());
        return new ShmTransport(settings, Fabric.create(settings));
    }

    private static String detail(ShmSettings settings) {
        String limits = settings.maxConnections() + " connections, " + settings.maxKeys() + " keys";
        try {
            FileStore store = Files.getFileStore(settings.directory());
            return store.type() + " with " + (store.getUsableSpace() >> 20) + " MiB free, " + limits;
        } catch (IOException e) {
            return "file system not known (" + e.getMessage() + "), " + limits;
        }
    }

    @Override
    public TransportDescription description() {
        return description;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                true,
                true,
                fabric.keyTable().period(),
                settings.maxKeys() - 1L,
                true,
                false,
                false,
                MAX_REGION_BYTES,
                MAX_REGION_BYTES,
                MAX_ELEMENTS_IN_FLIGHT,
                MAX_ELEMENTS_IN_FLIGHT);
    }

    @Override
    public synchronized ProtectionDomain newDomain() {
        if (closed) {
            throw new InvalidRequest("the transport is closed", "path", fabric.path());
        }
        ShmDomain domain = new ShmDomain(this, fabric.randomNumber());
        domains.add(domain);
        return domain;
    }

    synchronized void remove(ShmDomain domain) {
        domains.remove(domain);
    }

    Fabric fabric() {
        return fabric;
    }

    Peers peers() {
        return peers;
    }

    ShmSettings settings() {
        return settings;
    }

    @Override
    public void close() {
        List<ShmDomain> open;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            open = new ArrayList<>(domains);
        }
        for (ShmDomain domain : open) {
            closeAll(domain);
        }
        fabric.close();
        peers.close();
    }

    private static void closeAll(ShmDomain domain) {
        for (AutoCloseable part : domain.parts()) {
            try {
                part.close();
            } catch (FineMemException e) {
                LOG.warn("closed with a peer's operation under way [{}]", part, e);
            } catch (Exception e) {
                throw new IllegalStateException("close() throws unchecked exceptions only", e);
            }
        }
    }
}
