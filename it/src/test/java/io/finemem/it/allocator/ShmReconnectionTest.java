package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;

class ShmReconnectionTest extends ReconnectionContract {
    @Override
    Transport open() {
        return new ShmTransportProvider().open(TransportSettings.empty());
    }
}
