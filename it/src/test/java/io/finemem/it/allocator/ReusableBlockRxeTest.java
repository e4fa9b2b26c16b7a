package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import org.junit.jupiter.api.Tag;

@Tag("rxe")
class ReusableBlockRxeTest extends ReusableBlockContract {
    @Override
    Transport openTransport() {
        return RxeTransport.open();
    }

    /** A pair takes about 100 µs here. */
    @Override
    int pairs() {
        return 5_000;
    }
}
