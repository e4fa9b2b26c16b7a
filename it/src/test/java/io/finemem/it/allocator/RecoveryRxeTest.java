package io.finemem.it.allocator;

import io.finemem.spi.transport.Transport;
import org.junit.jupiter.api.Tag;

@Tag("rxe")
class RecoveryRxeTest extends RecoveryContract {
    @Override
    Transport openTransport() {
        return RxeTransport.open();
    }

    @Override
    int kills() {
        return 4;
    }

    @Override
    int breaks() {
        return 4;
    }
}
