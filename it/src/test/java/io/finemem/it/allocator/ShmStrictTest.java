package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.util.Map;

class ShmStrictTest extends StrictContract {
    /** So many keys leave a window as few rkeys as an RDMA device has: 256. */
    private static final Map<String, String> SHORT_PERIOD = Map.of("max-keys", String.valueOf(1 << 24));

    @Override
    Transport openTransport() {
        return new ShmTransportProvider().open(TransportSettings.of("finemem.transport.shm", SHORT_PERIOD));
    }

    @Override
    int rebinds() {
        return 700;
    }

    @Override
    int rounds() {
        return 40;
    }
}
