package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;

class ShmStrictFaultSweepTest extends ShmFaultSweepTest {
    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }
}
