package io.finemem.it.allocator;

import io.finemem.allocator.control.BlockKeys;
import io.finemem.spi.transport.Transport;
import org.junit.jupiter.api.Tag;

/** A memory region per block: bounds hold on a device that does not look at those of windows. */
@Tag("rxe")
class RegionAttackRxeTest extends AttackContract {
    @Override
    Transport openTransport() {
        return RxeTransport.open();
    }

    @Override
    BlockKeys blockKeys() {
        return BlockKeys.REGIONS;
    }

    @Override
    int forgeries() {
        return 200;
    }
}
