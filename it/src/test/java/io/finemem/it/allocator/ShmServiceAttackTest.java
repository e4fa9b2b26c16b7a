package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;

class ShmServiceAttackTest extends ServiceAttackContract {
    @Override
    Transport openTransport() {
        return new ShmTransportProvider().open(TransportSettings.empty());
    }

    @Override
    int rounds() {
        return 2_000;
    }
}
