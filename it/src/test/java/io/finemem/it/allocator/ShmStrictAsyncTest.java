package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;

class ShmStrictAsyncTest extends AsyncContract {
    @Override
    Transport openTransport() {
        return new ShmTransportProvider().open(TransportSettings.empty());
    }

    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }
}
