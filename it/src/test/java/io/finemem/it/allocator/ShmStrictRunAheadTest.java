package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;

class ShmStrictRunAheadTest extends ShmRunAheadTest {
    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }
}
