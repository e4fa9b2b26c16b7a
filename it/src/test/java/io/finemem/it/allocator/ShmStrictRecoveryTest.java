package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;

class ShmStrictRecoveryTest extends ShmRecoveryTest {
    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }
}
