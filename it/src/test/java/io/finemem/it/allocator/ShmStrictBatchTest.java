package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;

class ShmStrictBatchTest extends ShmBatchTest {
    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }
}
