package io.finemem.tck.coordination;

import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationProviders;
import io.finemem.spi.coordination.CoordinationSettings;
import java.time.Duration;
import java.util.Map;

/** The list in the configuration. */
final class StaticFixture implements CoordinationFixture {
    @Override
    public Coordination open() {
        return CoordinationProviders.discover()
                .named("static")
                .open(CoordinationSettings.of("static", Map.of("memory-nodes", "mn1=127.0.0.1:7400")));
    }

    @Override
    public void vanish(Coordination participant) {
        throw new UnsupportedOperationException("there are no leases");
    }

    @Override
    public Duration lease() {
        return Duration.ZERO;
    }

    @Override
    public void close() {}
}
