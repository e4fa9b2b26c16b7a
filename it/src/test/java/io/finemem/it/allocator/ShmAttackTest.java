package io.finemem.it.allocator;

import io.finemem.allocator.control.BlockKeys;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;

class ShmAttackTest extends AttackContract {
    @Override
    Transport openTransport() {
        return new ShmTransportProvider().open(TransportSettings.empty());
    }

    @Override
    BlockKeys blockKeys() {
        return BlockKeys.WINDOWS;
    }

    @Override
    int forgeries() {
        return 1000;
    }
}
