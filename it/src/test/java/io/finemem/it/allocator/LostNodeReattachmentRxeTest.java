package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import org.junit.jupiter.api.Tag;

@Tag("rxe")
class LostNodeReattachmentRxeTest extends LostNodeReattachmentContract {
    @Override
    Transport open() {
        return RxeTransport.open();
    }
}
