package io.finemem.runtime;

import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import java.util.Set;

/** A transport under another name, as somebody's own one would be. */
class RenamedTransport implements TransportProvider {
    private final String name;
    private final TransportProvider other;

    RenamedTransport(String name, TransportProvider other) {
        this.name = name;
        this.other = other;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int priority() {
        return 1;
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    @Override
    public String summary() {
        return other.summary();
    }

    @Override
    public Set<String> settingKeys() {
        return other.settingKeys();
    }

    @Override
    public Availability availability(TransportSettings settings) {
        return other.availability(settings);
    }

    @Override
    public Transport open(TransportSettings settings) {
        return other.open(settings);
    }
}
