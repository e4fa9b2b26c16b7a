package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;
import org.junit.jupiter.api.Tag;

@Tag("rxe")
class StrictRecoveryRxeTest extends RecoveryRxeTest {
    @Override
    Isolation isolation() {
        return Isolation.STRICT;
    }

    @Override
    int kills() {
        return 2;
    }

    @Override
    int breaks() {
        return 2;
    }
}
