package io.finemem.transport.shm;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.transport.TransportSettings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;

/**
 * The settings of this transport.
 *
 * @param directory where the mapped files are made
 * @param maxConnections ends that can be open at a time
 * @param maxKeys regions and windows with an rkey at a time; a power of two
 * @param closeMillis how long a close waits for a peer's operation under way
 * @param connectMillis how long chains wait for the peer to connect its end
 * @param livenessMillis pause between two probes whether peers' processes live
 */
record ShmSettings(
        Path directory, int maxConnections, int maxKeys, long closeMillis, long connectMillis, long livenessMillis) {
    static final String DIRECTORY = "directory";
    static final String MAX_CONNECTIONS = "max-connections";
    static final String MAX_KEYS = "max-keys";
    static final String CLOSE_MILLIS = "close-timeout-millis";
    static final String CONNECT_MILLIS = "connect-timeout-millis";
    static final String LIVENESS_MILLIS = "liveness-interval-millis";
    static final Set<String> KEYS =
            Set.of(DIRECTORY, MAX_CONNECTIONS, MAX_KEYS, CLOSE_MILLIS, CONNECT_MILLIS, LIVENESS_MILLIS);

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    /** Windows of a pool of 16 GiB in strict isolation; the file is sparse. */
    private static final int DEFAULT_KEYS = 1 << 23;

    private static final long HOUR_MILLIS = 3_600_000;

    /**
     * Reads and checks them.
     *
     * @throws InvalidConfiguration if one is unknown, malformed or out of range
     */
    static ShmSettings read(TransportSettings settings) {
        settings.requireKnown(KEYS);
        return new ShmSettings(
                directory(settings),
                (int) settings.number(MAX_CONNECTIONS, 1024, 1, FabricLayout.MAX_CONNECTIONS_LIMIT),
                maxKeys(settings),
                settings.number(CLOSE_MILLIS, 5000, 1, HOUR_MILLIS),
                settings.number(CONNECT_MILLIS, 5000, 1, HOUR_MILLIS),
                settings.number(LIVENESS_MILLIS, 100, 10, HOUR_MILLIS));
    }

    private static int maxKeys(TransportSettings settings) {
        int wanted = (int) settings.number(MAX_KEYS, DEFAULT_KEYS, FabricLayout.MIN_KEYS, FabricLayout.MAX_KEYS_LIMIT);
        int highest = Integer.highestOneBit(wanted);
        return highest == wanted ? wanted : highest << 1;
    }

    private static Path directory(TransportSettings settings) {
        String value = settings.text(DIRECTORY, defaultDirectory().toString());
        Path directory;
        try {
            directory = Path.of(value).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw settings.invalid(DIRECTORY, value, "the path of a directory");
        }
        if (!usable(directory)) {
            throw settings.invalid(DIRECTORY, value, "a directory that exists and that this user may write to");
        }
        if (!Descriptor.fits(directory)) {
            throw settings.invalid(DIRECTORY, value, "at most " + Descriptor.MAX_DIRECTORY_BYTES + " bytes long");
        }
        return directory;
    }

    private static Path defaultDirectory() {
        return usable(SHARED_MEMORY) ? SHARED_MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
    }

    private static boolean usable(Path directory) {
        return Files.isDirectory(directory) && Files.isWritable(directory) && Files.isExecutable(directory);
    }
}
