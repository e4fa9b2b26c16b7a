package io.finemem.transport.shm.tck;

import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.util.Set;

/** This transport with one fault in it; a process of its own has none. */
public final class FaultyTransportProvider implements TransportProvider {
    private final TransportProvider real = new ShmTransportProvider();
    private final Fault fault;

    /** Without a fault. */
    public FaultyTransportProvider() {
        this(Fault.NONE);
    }

    FaultyTransportProvider(Fault fault) {
        this.fault = fault;
    }

    @Override
    public String name() {
        return real.name();
    }

    @Override
    public int priority() {
        return real.priority();
    }

    @Override
    public int spiVersion() {
        return real.spiVersion();
    }

    @Override
    public String summary() {
        return real.summary();
    }

    @Override
    public Set<String> settingKeys() {
        return real.settingKeys();
    }

    @Override
    public Availability availability(TransportSettings settings) {
        return real.availability(settings);
    }

    @Override
    public Transport open(TransportSettings settings) {
        return Decorator.decorate(real.open(settings), fault);
    }
}
