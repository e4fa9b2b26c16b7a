package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;
import org.junit.jupiter.api.Tag;

@Tag("rxe")
class StrictAllocatorRxeTest extends AllocatorRxeTest {
    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }
}
