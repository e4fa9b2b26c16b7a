package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import org.junit.jupiter.api.Tag;

@Tag("rxe")
class ReconnectionRxeTest extends ReconnectionContract {
    @Override
    Transport open() {
        return RxeTransport.open();
    }
}
