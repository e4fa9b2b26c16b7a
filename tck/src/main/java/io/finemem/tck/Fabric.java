package io.finemem.tck;

import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.Capabilities;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The opened transport of a test run: a serving domain, an initiating domain, and a connection between them that the
 * cases share. Cases that break a connection make one of their own.
 *
 * <p><b>Thread-safety.</b> None.
 */
public final class Fabric implements AutoCloseable {
    /** All kinds of remote access. */
    public static final Set<Access> REMOTE_ALL = Set.of(Access.REMOTE_READ, Access.REMOTE_WRITE, Access.REMOTE_ATOMIC);

    private final TransportUnderTest underTest;
    private final Transport serving;
    private final Transport initiating;
    private final ProtectionDomain servingDomain;
    private final ProtectionDomain initiatingDomain;
    private @Nullable ConnectedPair pair;
    private @Nullable Poster poster;

    private Fabric(TransportUnderTest underTest) {
        this.underTest = underTest;
        serving = underTest.provider().open(settings(underTest, underTest.servingSettings()));
        initiating = underTest.settings().equals(underTest.servingSettings())
                ? serving
                : underTest.provider().open(settings(underTest, underTest.settings()));
        servingDomain = serving.newDomain();
        initiatingDomain = initiating.newDomain();
    }

    /** Opens the transport; skips, or fails where it is required, if it does not work here. */
    public static Fabric open(TransportUnderTest underTest) {
        Availability availability = underTest.provider().availability(settings(underTest, underTest.servingSettings()));
        if (!availability.available()) {
            String reason = "transport " + underTest.provider().name() + " does not work here: " + availability.detail()
                    + "; " + availability.hint();
            if (underTest.required()) {
                throw new AssertionError(reason);
            }
            throw Skip.because(reason);
        }
        return new Fabric(underTest);
    }

    /** Settings with the prefix that the transport has in the configuration. */
    static TransportSettings settings(TransportUnderTest underTest, Map<String, String> values) {
        return TransportSettings.of("finemem.transport." + underTest.provider().name(), values);
    }

    /** What is tested. */
    public TransportUnderTest underTest() {
        return underTest;
    }

    /** Capabilities of the serving side. */
    public Capabilities capabilities() {
        return serving.capabilities();
    }

    /** The opened transport of the serving side. */
    public Transport serving() {
        return serving;
    }

    /** The opened transport of the initiating side; may be the same. */
    public Transport initiating() {
        return initiating;
    }

    /** Domain whose memory is reached. */
    public ProtectionDomain servingDomain() {
        return servingDomain;
    }

    /** Domain of the side that posts. */
    public ProtectionDomain initiatingDomain() {
        return initiatingDomain;
    }

    /** Upper bound of one wait. */
    public Duration patience() {
        return underTest.patience();
    }

    /** The shared connection; a new one if an earlier case broke it. */
    public Poster poster() {
        if (pair == null || poster == null || pair.initiator().state() != ConnectionState.CONNECTED) {
            if (pair != null) {
                pair.close();
            }
            pair = connect();
            poster = new Poster(pair.initiator(), patience());
        }
        return poster;
    }

    /** A new connection between the two domains. */
    public ConnectedPair connect() {
        return ConnectedPair.connect(initiatingDomain, servingDomain);
    }

    /** A new connection between the two domains with these options of the initiator. */
    public ConnectedPair connect(ConnectionOptions initiatorOptions) {
        return ConnectedPair.connect(
                initiatingDomain, initiatorOptions, servingDomain, ConnectionOptions.of("initiator"));
    }

    /** A poster on the initiator of a pair. */
    public Poster poster(ConnectedPair connected) {
        return new Poster(connected.initiator(), patience());
    }

    /** Memory of the serving domain that peers may use in every way. */
    public MemoryRegion newRemote(long bytes) {
        return servingDomain.allocate(bytes, REMOTE_ALL);
    }

    /** Memory of the initiating domain that no peer may use. */
    public MemoryRegion newLocal(long bytes) {
        return initiatingDomain.allocate(bytes, Set.of());
    }

    /** Closes the transports, and with them all that the cases left. */
    @Override
    public void close() {
        try {
            initiating.close();
        } finally {
            serving.close();
        }
    }
}
