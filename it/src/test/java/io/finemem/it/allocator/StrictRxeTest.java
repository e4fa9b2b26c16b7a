package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import org.junit.jupiter.api.Tag;

@Tag("rxe")
class StrictRxeTest extends StrictContract {
    @Override
    Transport openTransport() {
        return RxeTransport.open();
    }

    @Override
    int rebinds() {
        return 600;
    }

    @Override
    int rounds() {
        return 3;
    }
}
