package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;

class ShmStrictBadInputTest extends ShmBadInputTest {
    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }
}
