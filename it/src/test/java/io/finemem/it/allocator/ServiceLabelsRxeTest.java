package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import org.junit.jupiter.api.Tag;

@Tag("rxe")
class ServiceLabelsRxeTest extends ServiceLabelsContract {
    @Override
    Transport open() {
        return RxeTransport.open();
    }
}
