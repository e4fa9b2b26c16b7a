package io.finemem.examples.transport;

import io.finemem.spi.transport.TransportProvider;
import io.finemem.tck.TransportBasicsTck;

class ExampleTransportTest extends TransportBasicsTck {
    @Override
    public TransportProvider provider() {
        return new LocalTransportProvider();
    }

    @Override
    public boolean required() {
        return true;
    }
}
