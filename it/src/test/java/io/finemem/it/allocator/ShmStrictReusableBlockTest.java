package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;

class ShmStrictReusableBlockTest extends ShmReusableBlockTest {
    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }
}
