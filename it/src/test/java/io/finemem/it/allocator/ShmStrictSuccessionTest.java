package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;

class ShmStrictSuccessionTest extends ShmSuccessionTest {
    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }
}
