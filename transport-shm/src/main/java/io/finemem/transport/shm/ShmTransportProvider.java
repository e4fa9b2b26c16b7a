package io.finemem.transport.shm;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import java.util.Set;

/**
 * Entry of transport {@code shm}: processes of one host, over memory-mapped files.
 *
 * <table>
 *   <caption>Settings</caption>
 *   <tr><th>key</th><th>default</th><th>range</th><th>meaning</th></tr>
 *   <tr><td>directory</td><td>/dev/shm, or java.io.tmpdir</td><td>a writable directory</td>
 *       <td>where the files are; peers must see it under the same path; may be on a DAX device</td></tr>
 *   <tr><td>max-connections</td><td>1024</td><td>1 to 65536</td><td>ends of connections open at a time</td></tr>
 *   <tr><td>max-keys</td><td>1048576</td><td>1024 to 16777216, rounded up to a power of two</td>
 *       <td>regions and windows at a time; an rkey of a window comes back after 2^32 / max-keys binds</td></tr>
 *   <tr><td>close-timeout-millis</td><td>5000</td><td>1 to 3600000</td>
 *       <td>how long a close waits for an operation of a peer under way</td></tr>
 *   <tr><td>connect-timeout-millis</td><td>5000</td><td>1 to 3600000</td>
 *       <td>how long a chain waits for the peer to connect its end</td></tr>
 *   <tr><td>liveness-interval-millis</td><td>100</td><td>10 to 3600000</td>
 *       <td>pause between two looks whether the peers' processes live</td></tr>
 *   <tr><td>hugepages</td><td>false</td><td>{@link io.finemem.spi.memory.HugePages}</td>
 *       <td>whether regions are files of a hugetlbfs; peers must see it under the same path</td></tr>
 * </table>
 */
public final class ShmTransportProvider implements TransportProvider {
    static final String NAME = "shm";
    private static final int PRIORITY = 10;

    /** For {@link java.util.ServiceLoader}. */
    public ShmTransportProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int priority() {
        return PRIORITY;
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    @Override
    public String summary() {
        return "memory-mapped files shared by processes of one host, in memory or on a DAX device";
    }

    @Override
    public Set<String> settingKeys() {
        return ShmSettings.KEYS;
    }

    @Override
    public Availability availability(TransportSettings settings) {
        try {
            return Availability.available(
                    "directory " + ShmSettings.read(settings).directory());
        } catch (InvalidConfiguration e) {
            return Availability.unavailable(e.getMessage(), "correct the settings of transport " + NAME);
        }
    }

    @Override
    public Transport open(TransportSettings settings) {
        return ShmTransport.open(ShmSettings.read(settings));
    }
}
