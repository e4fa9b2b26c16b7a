package io.finemem.it.soak;

import io.finemem.allocator.control.Isolation;
import io.finemem.it.allocator.RxeTransport;
import io.finemem.runtime.soak.SoakOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("rxe")
class SoakRxeTest {
    private static final int KILLS = 10;

    @ParameterizedTest
    @EnumSource
    void killedAndStoppedOwnersLoseNothing(Isolation isolation) {
        RxeTransport.open().close();
        KillLoop.run("rxe", SoakOptions.inGuest(KillLoop.seed(), isolation, KillLoop.kills(KILLS)));
    }
}
