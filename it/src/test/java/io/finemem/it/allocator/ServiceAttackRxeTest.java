package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import org.junit.jupiter.api.Tag;

@Tag("rxe")
class ServiceAttackRxeTest extends ServiceAttackContract {
    @Override
    Transport openTransport() {
        return RxeTransport.open();
    }

    @Override
    int rounds() {
        return 200;
    }
}
