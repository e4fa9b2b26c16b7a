package io.finemem.examples.transport;

import io.finemem.spi.transport.Capabilities;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportDescription;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The device: one lock, under which every chain of the process executes. */
final class LocalTransport implements Transport {
    static final int MAX_BYTES = 1 << 30;
    static final int MAX_ELEMENTS = 4096;

    /** Held while a chain executes and while a region or an end goes: so atomics are atomic, and a fence holds. */
    static final Object LOCK = new Object();

    /** Ends that can be connected to, by the number in their descriptor. */
    static final Map<Long, LocalConnection> ENDS = new ConcurrentHashMap<>();

    static final AtomicLong NUMBERS = new AtomicLong();

    private final Map<LocalDomain, Boolean> domains = new ConcurrentHashMap<>();

    @Override
    public TransportDescription description() {
        return new TransportDescription(
                "example",
                "process",
                "memory of process " + ProcessHandle.current().pid());
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                false, false, 0, 0, false, true, false, MAX_BYTES, MAX_BYTES, MAX_ELEMENTS, MAX_ELEMENTS);
    }

    @Override
    public ProtectionDomain newDomain() {
        LocalDomain domain = new LocalDomain(this);
        domains.put(domain, true);
        return domain;
    }

    @Override
    public void close() {
        domains.keySet().forEach(LocalDomain::closeAll);
        domains.clear();
    }

    void forget(LocalDomain domain) {
        domains.remove(domain);
    }
}
