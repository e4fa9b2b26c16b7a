package io.finemem.it.soak;

import io.finemem.allocator.control.Isolation;
import io.finemem.it.allocator.RxeTransport;
import io.finemem.runtime.soak.SoakOptions;
import io.finemem.tck.DeviceUnderTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Not where the processor is emulated. The long run is {@code ./finemem guest -- ./finemem soak --transport rxe --kills 20}. */
@Tag("rxe")
@Tag("processes")
class SoakRxeTest {
    private static final int KILLS = 4;

    @ParameterizedTest
    @EnumSource(names = "STRICT")
    void killedAndStoppedOwnersLoseNothing(Isolation isolation) {
        RxeTransport.open().close();
        DeviceUnderTest device = DeviceUnderTest.ofThisRun();
        KillLoop.run(
                device.transport(),
                device.settings(),
                SoakOptions.inGuest(KillLoop.seed(), isolation, KillLoop.kills(KILLS)));
    }
}
