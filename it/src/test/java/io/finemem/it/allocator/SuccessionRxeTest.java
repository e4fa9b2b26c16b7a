package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;
import io.finemem.spi.transport.Transport;
import org.junit.jupiter.api.Tag;

/** In strict isolation, which needs the most of the device. */
@Tag("rxe")
class SuccessionRxeTest extends SuccessionContract {
    @Override
    Transport openTransport() {
        return RxeTransport.open();
    }

    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }
}
