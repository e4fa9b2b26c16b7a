package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;

class ShmStrictResumeSweepTest extends ShmResumeSweepTest {
    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }
}
