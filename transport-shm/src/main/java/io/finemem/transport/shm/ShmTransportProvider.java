package io.finemem.transport.shm;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import java.util.Set;

/** Entry of transport {@code shm}: processes of one host, over memory-mapped files. */
public final class ShmTransportProvider implements TransportProvider {
    static final String NAME = "shm";
    private static final int PRIORITY = 10;

    /** For {@link java.util.ServiceLoader}. */
    public ShmTransportProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int priority() {
        return PRIORITY;
    }

    @Override
    public int spiVersion() {
        return 1;
    }

    @Override
    public String summary() {
        return "memory-mapped files shared by processes of one host, in memory or on a DAX device";
    }

    @Override
    public Set<String> settingKeys() {
        return ShmSettings.KEYS;
    }

    @Override
    public Availability availability(TransportSettings settings) {
        try {
            return Availability.available(
                    "directory " + ShmSettings.read(settings).directory());
        } catch (InvalidConfiguration e) {
            return Availability.unavailable(e.getMessage(), "correct the settings of transport " + NAME);
        }
    }

    @Override
    public Transport open(TransportSettings settings) {
        return ShmTransport.open(ShmSettings.read(settings));
    }
}
