package io.finemem.transport.verbs;

import io.finemem.api.InvalidRequest;
import io.finemem.spi.transport.Capabilities;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportDescription;
import io.finemem.spi.transport.TransportUnavailable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** An open device with its domains. */
public final class VerbsTransport implements Transport {
    private final String name;
    private final VerbsDevice device;
    private final Capabilities capabilities;
    private final boolean bindsByRequest;
    private final Runnable afterClose;
    private final Set<VerbsDomain> domains = new HashSet<>();
    private boolean closed;

    VerbsTransport(
            String name, VerbsDevice device, Capabilities capabilities, boolean bindsByRequest, Runnable afterClose) {
        this.name = name;
        this.device = device;
        this.capabilities = capabilities;
        this.bindsByRequest = bindsByRequest;
        this.afterClose = afterClose;
    }

    /**
     * Opens a device and probes what it can do, on loop-back connections of its own.
     *
     * @param name the provider's name, for descriptions
     * @param afterClose what to do when the transport was closed and the device released; not if opening fails
     * @throws TransportUnavailable if the device cannot be opened or has no atomics
     */
    public static VerbsTransport open(String name, Endpoint endpoint, VerbsSettings settings, Runnable afterClose) {
        VerbsDevice device = VerbsDevice.open(endpoint, settings);
        try {
            if (!device.limits().atomics()) {
                throw new TransportUnavailable("device " + endpoint.device() + " has no RDMA atomics");
            }
            return CapabilityProbe.open(name, device, afterClose);
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    @Override
    public TransportDescription description() {
        Endpoint endpoint = device.endpoint();
        String windows = !capabilities.memoryWindows()
                ? "no memory windows"
                : capabilities.windowBoundsEnforced()
                        ? "memory windows"
                        : "memory windows whose bounds are not enforced: an rkey opens the whole region below it";
        return new TransportDescription(
                name,
                endpoint.name(),
                endpoint.device() + ", " + endpoint.port().linkLayer() + ", GID " + endpoint.gid() + ", MTU "
                        + VerbsSettings.mtuBytes(device.mtuCode()) + ", " + windows);
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public synchronized ProtectionDomain newDomain() {
        if (closed) {
            throw new InvalidRequest("the transport is closed", "device", device.name());
        }
        VerbsDomain domain = new VerbsDomain(this, device);
        domains.add(domain);
        return domain;
    }

    synchronized void forget(VerbsDomain domain) {
        domains.remove(domain);
    }

    /**
     * Whether the device takes binds of type 1 windows as work requests, so that they need no doorbell of their own.
     */
    boolean bindsByRequest() {
        return bindsByRequest;
    }

    @Override
    public void close() {
        List<VerbsDomain> open;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            open = new ArrayList<>(domains);
        }
        try {
            open.forEach(VerbsDomain::closeAll);
            device.close();
        } finally {
            afterClose.run();
        }
    }
}
