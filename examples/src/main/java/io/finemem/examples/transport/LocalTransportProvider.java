package io.finemem.examples.transport;

import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import java.util.Set;

/** Entry of the example. A real provider looks for its device in {@link #availability}. */
public final class LocalTransportProvider implements TransportProvider {
    @Override
    public String name() {
        return "example";
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
        return "memory of this process";
    }

    @Override
    public Set<String> settingKeys() {
        return Set.of();
    }

    @Override
    public Availability availability(TransportSettings settings) {
        return Availability.available("memory of this process");
    }

    @Override
    public Transport open(TransportSettings settings) {
        settings.requireKnown(settingKeys());
        return new LocalTransport();
    }
}
