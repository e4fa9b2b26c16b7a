package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;

class ShmRecoveryTest extends RecoveryContract {
    @Override
    Transport openTransport() {
        return new ShmTransportProvider().open(TransportSettings.empty());
    }

    @Override
    int kills() {
        return 50;
    }

    @Override
    int breaks() {
        return 60;
    }
}
