package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class ShmStrictResumeSweepTest extends ShmResumeSweepTest {
    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }
}
