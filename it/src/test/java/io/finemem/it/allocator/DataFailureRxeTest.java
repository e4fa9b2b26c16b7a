package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import org.junit.jupiter.api.Tag;

@Tag("rxe")
class DataFailureRxeTest extends DataFailureContract {
    @Override
    Transport openTransport() {
        return RxeTransport.open();
    }
}
