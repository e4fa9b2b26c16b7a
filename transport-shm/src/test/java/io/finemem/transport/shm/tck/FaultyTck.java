package io.finemem.transport.shm.tck;

import io.finemem.spi.transport.TransportProvider;
import io.finemem.tck.TransportTck;
import java.time.Duration;

/** The contract tests on a faulty transport; started by {@link MutantTest} only, one mutant at a time. */
final class FaultyTck extends TransportTck {
    private static volatile Fault fault = Fault.NONE;
    private static volatile Duration patience = Duration.ZERO;

    static void inject(Fault nextFault, Duration nextPatience) {
        fault = nextFault;
        patience = nextPatience;
    }

    @Override
    public TransportProvider provider() {
        return new FaultyTransportProvider(fault);
    }

    @Override
    public Duration patience() {
        return patience.multipliedBy(timeFactor());
    }

    @Override
    public boolean required() {
        return true;
    }
}
