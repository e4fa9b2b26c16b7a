package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import org.junit.jupiter.api.Tag;

@Tag("rxe")
class DataRxeTest extends DataContract {
    @Override
    Transport openTransport() {
        return RxeTransport.open();
    }
}
