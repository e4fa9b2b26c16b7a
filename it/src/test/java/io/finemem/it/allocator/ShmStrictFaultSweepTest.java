package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;

@Tag("slow")
class ShmStrictFaultSweepTest extends ShmFaultSweepTest {
    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }
}
