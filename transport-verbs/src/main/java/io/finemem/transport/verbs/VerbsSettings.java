package io.finemem.transport.verbs;

import io.finemem.spi.memory.HugePages;
import io.finemem.spi.transport.TransportSettings;
import java.util.Set;

/**
 * The validated configuration of a verbs transport.
 *
 * @param device name, or {@link #AUTO}
 * @param port number from 1, or {@link #AUTOMATIC}
 * @param gidIndex place in the port's GID table, or {@link #AUTOMATIC}
 * @param mtuCode 1 to 5 for 256 to 4096 bytes, or {@link #AUTOMATIC} for the port's active MTU
 * @param timeout an answer is awaited for 4.096 us * 2^timeout
 * @param retryCount repetitions without an answer, 0 to 6
 * @param queueDepth most elements in flight of one connection, a power of two
 * @param readsInFlight READs and atomics that one connection has under way at a time
 * @param trafficClass of packets; its upper 6 bits are the DSCP
 * @param hugepages pages of allocated regions
 */
public record VerbsSettings(
        String device,
        int port,
        int gidIndex,
        int mtuCode,
        int timeout,
        int retryCount,
        int queueDepth,
        int readsInFlight,
        int trafficClass,
        HugePages hugepages) {
    /** Value of a setting that leaves the choice to the transport. */
    public static final String AUTO = "auto";
    /** The same for numbers. */
    static final int AUTOMATIC = -1;

    /** Keys, as in the configuration. */
    public static final Set<String> KEYS = Set.of(
            "device",
            "port",
            "gid-index",
            "mtu",
            "timeout",
            "retry-count",
            "queue-depth",
            "reads-in-flight",
            "traffic-class",
            HugePages.KEY);

    private static final int MIN_MTU_SHIFT = 8;
    private static final int MAX_MTU_SHIFT = 12;
    private static final int MIN_DEPTH = 16;
    private static final int MAX_DEPTH = 1 << 16;
    private static final int DEFAULT_DEPTH = 4096;
    private static final int DEFAULT_READS = 16;
    private static final int MAX_READS = 255;
    /** Adapters know 7 too, but to soft-RoCE that means for ever. */
    private static final int MAX_RETRIES = 6;
    /** About 0.27 s; with 6 repetitions a vanished peer is noticed after 2 s. */
    private static final int DEFAULT_TIMEOUT = 16;

    /**
     * Reads and checks the settings.
     *
     * @param known keys that are allowed, at least {@link #KEYS}
     * @throws io.finemem.api.InvalidConfiguration naming the first key that is unknown or whose value is not valid
     */
    public static VerbsSettings of(TransportSettings settings, Set<String> known) {
        settings.requireKnown(known);
        int depth = (int) settings.number("queue-depth", DEFAULT_DEPTH, MIN_DEPTH, MAX_DEPTH);
        if (Integer.bitCount(depth) != 1) {
            throw settings.invalid(
                    "queue-depth", Integer.toString(depth), "a power of two from " + MIN_DEPTH + " to " + MAX_DEPTH);
        }
        return new VerbsSettings(
                settings.text("device", AUTO),
                numberOrAuto(settings, "port", 1, 255),
                numberOrAuto(settings, "gid-index", 0, 255),
                mtu(settings),
                (int) settings.number("timeout", DEFAULT_TIMEOUT, 1, 31),
                (int) settings.number("retry-count", MAX_RETRIES, 0, MAX_RETRIES),
                depth,
                (int) settings.number("reads-in-flight", DEFAULT_READS, 1, MAX_READS),
                (int) settings.number("traffic-class", 0, 0, 255),
                HugePages.of(settings));
    }

    /** Whether the configuration names the device. */
    public boolean namesDevice() {
        return !device.equals(AUTO);
    }

    /** Bytes of an MTU code. */
    static int mtuBytes(int code) {
        return 1 << (MIN_MTU_SHIFT - 1 + code);
    }

    private static int numberOrAuto(TransportSettings settings, String key, int minimum, int maximum) {
        String value = settings.text(key, AUTO);
        if (value.equals(AUTO)) {
            return AUTOMATIC;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= minimum && number <= maximum) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw settings.invalid(key, value, "auto, or a whole number from " + minimum + " to " + maximum);
        }
        throw settings.invalid(key, value, "auto, or a whole number from " + minimum + " to " + maximum);
    }

    private static int mtu(TransportSettings settings) {
        String value = settings.text("mtu", AUTO);
        if (value.equals(AUTO)) {
            return AUTOMATIC;
        }
        for (int shift = MIN_MTU_SHIFT; shift <= MAX_MTU_SHIFT; shift++) {
            if (value.equals(Integer.toString(1 << shift))) {
                return shift - MIN_MTU_SHIFT + 1;
            }
        }
        throw settings.invalid("mtu", value, "auto, 256, 512, 1024, 2048 or 4096");
    }
}
