package io.finemem.transport.shm;

import io.finemem.spi.memory.HugePages;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.tck.TransportTck;
import java.util.Map;

class ShmContractTest extends TransportTck {
    @Override
    public TransportProvider provider() {
        return new ShmTransportProvider();
    }

    @Override
    public Map<String, String> servingSettings() {
        return Map.of(ShmSettings.MAX_CONNECTIONS, "512");
    }

    @Override
    public Map<String, String> malformedSettings() {
        return Map.of(
                ShmSettings.DIRECTORY, "/proc/1/nowhere",
                ShmSettings.MAX_CONNECTIONS, "0",
                ShmSettings.MAX_KEYS, "many",
                ShmSettings.CLOSE_MILLIS, "-1",
                ShmSettings.CONNECT_MILLIS, "1.5",
                ShmSettings.LIVENESS_MILLIS, "9",
                HugePages.KEY, "yes");
    }

    @Override
    public boolean required() {
        return true;
    }
}
