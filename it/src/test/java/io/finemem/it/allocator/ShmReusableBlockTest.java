package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;

class ShmReusableBlockTest extends ReusableBlockContract {
    @Override
    Transport openTransport() {
        return new ShmTransportProvider().open(TransportSettings.empty());
    }
}
