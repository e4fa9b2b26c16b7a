package io.finemem.it.allocator;

import io.finemem.allocator.control.BlockKeys;
import io.finemem.spi.transport.Transport;
import org.junit.jupiter.api.Tag;

@Tag("rxe")
class AttackRxeTest extends AttackContract {
    @Override
    Transport openTransport() {
        return RxeTransport.open();
    }

    @Override
    BlockKeys blockKeys() {
        return BlockKeys.WINDOWS;
    }

    @Override
    int forgeries() {
        return 200;
    }
}
