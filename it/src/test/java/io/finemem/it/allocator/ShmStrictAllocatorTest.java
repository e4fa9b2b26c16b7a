package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;

class ShmStrictAllocatorTest extends ShmAllocatorTest {
    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }
}
