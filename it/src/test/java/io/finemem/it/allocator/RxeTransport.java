package io.finemem.it.allocator;

import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.tck.DeviceUnderTest;
import io.finemem.transport.rxe.RxeProvider;
import io.finemem.transport.verbs.VerbsProvider;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * The soft-RoCE device of this machine, or the {@link DeviceUnderTest} that was named; where it is required its absence is a failure,
 * elsewhere a skip with a reason.
 */
public final class RxeTransport {
    private RxeTransport() {}

    /** Opens it, or skips the test with the reason. */
    public static Transport open() {
        DeviceUnderTest device = DeviceUnderTest.ofThisRun();
        TransportProvider provider = device.provider(new RxeProvider(), new VerbsProvider());
        TransportSettings settings = device.transportSettings();
        Availability availability = provider.availability(settings);
        if (!availability.available()) {
            String reason = "no " + device.transport() + " here: " + availability.detail() + "; " + availability.hint();
            if (DeviceUnderTest.required()) {
                Assertions.fail(reason);
            }
            Assumptions.abort(reason);
        }
        return provider.open(settings);
    }
}
