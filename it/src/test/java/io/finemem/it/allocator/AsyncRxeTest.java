package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import org.junit.jupiter.api.Tag;

@Tag("rxe")
class AsyncRxeTest extends AsyncContract {
    @Override
    Transport openTransport() {
        return RxeTransport.open();
    }
}
