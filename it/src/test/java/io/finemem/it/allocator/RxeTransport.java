package io.finemem.it.allocator;

import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.rxe.RxeProvider;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** The soft-RoCE device of this machine; where it is required its absence is a failure, elsewhere a skip with a reason. */
public final class RxeTransport {
    private RxeTransport() {}

    /** Opens it, or skips the test with the reason. */
    public static Transport open() {
        RxeProvider provider = new RxeProvider();
        Availability availability = provider.availability(TransportSettings.empty());
        if (!availability.available()) {
            String reason = "no rxe here: " + availability.detail() + "; " + availability.hint();
            if ("1".equals(System.getenv("FINEMEM_REQUIRE_RXE"))) {
                Assertions.fail(reason);
            }
            Assumptions.abort(reason);
        }
        return provider.open(TransportSettings.empty());
    }
}
