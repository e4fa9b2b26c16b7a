package io.finemem.tck;

import io.finemem.spi.transport.TransportProvider;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What the contract tests must know about a transport: only {@link #provider()} is needed, the rest has a default. */
public interface TransportUnderTest {

    /** System property with the default of {@link #timeFactor()}. */
    String TIME_FACTOR_PROPERTY = "finemem.tck.timeFactor";

    /** The provider, as its users make it. */
    TransportProvider provider();

    /** Settings of the side that initiates; without the transport's prefix. */
    default Map<String, String> settings() {
        return Map.of();
    }

    /**
     * Settings of the side that serves memory, also used by the peer process. If they equal {@link #settings()}, one
     * opened transport serves and initiates.
     */
    default Map<String, String> servingSettings() {
        return settings();
    }

    /** For each malformed setting, a key and a value that {@link TransportProvider#open} must refuse by naming both. */
    default Map<String, String> malformedSettings() {
        return Map.of();
    }

    /**
     * How much longer than on an idle machine things may take here; 1 or more. Scales limits of waits, never the work.
     */
    default int timeFactor() {
        return Integer.getInteger(TIME_FACTOR_PROPERTY, 1);
    }

    /** Upper bound of one wait; an operation, a retry or a fence that needs longer has failed. */
    default Duration patience() {
        return Duration.ofSeconds(20).multipliedBy(timeFactor());
    }

    /** JVM flags of the peer process beside those of this JVM. */
    default List<String> peerJvmFlags() {
        return List.of();
    }

    /**
     * Counts of what the transport holds outside the heap, such as queue pairs of the device, by name: compared before
     * and after 10,000 connections. Descriptors, mappings, threads, and memory of the process are watched anyway.
     */
    default Map<String, Long> openResources() {
        return Map.of();
    }

    /**
     * Whether aligned words are known to be torn here, against rule R4: soft-RoCE copies payloads by the kernel's
     * {@code memcpy}, which may go byte by byte and does so under emulation (4 of 75,000 READs of one word). The cases
     * of R4 are skipped then, with the reason.
     */
    default boolean tearsWords() {
        return false;
    }

    /**
     * Whether an operation whose rkey was found good may still execute when the end of the rkey has completed, against
     * rule R8: soft-RoCE checks the rkey at the first packet of an operation and binds without waiting for the
     * responder (seen once, a FETCH_ADD under emulation). It may be one per connection then, not more.
     */
    default boolean revokesLate() {
        return false;
    }

    /** Whether it is a failure, not a skip, if the transport is not available here. */
    default boolean required() {
        return "true".equals(System.getenv("CI"));
    }
}
