package io.finemem.transport.shm;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.memory.HugePageMount;
import io.finemem.spi.memory.HugePages;
import io.finemem.spi.transport.TransportSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
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
 * @param hugePages pages of regions that peers may use
 * @param hugeDirectory where files of huge pages are made; empty if none are wanted or there is no place for them
 */
record ShmSettings(
        Path directory,
        int maxConnections,
        int maxKeys,
        long closeMillis,
        long connectMillis,
        long livenessMillis,
        HugePages hugePages,
        Optional<Path> hugeDirectory) {
    static final String DIRECTORY = "directory";
    static final String MAX_CONNECTIONS = "max-connections";
    static final String MAX_KEYS = "max-keys";
    static final String CLOSE_MILLIS = "close-timeout-millis";
    static final String CONNECT_MILLIS = "connect-timeout-millis";
    static final String LIVENESS_MILLIS = "liveness-interval-millis";
    static final Set<String> KEYS =
            Set.of(DIRECTORY, MAX_CONNECTIONS, MAX_KEYS, CLOSE_MILLIS, CONNECT_MILLIS, LIVENESS_MILLIS, HugePages.KEY);

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
        HugePages hugePages = HugePages.of(settings);
        return new ShmSettings(
                directory(settings),
                (int) settings.number(MAX_CONNECTIONS, 1024, 1, FabricLayout.MAX_CONNECTIONS_LIMIT),
                maxKeys(settings),
                settings.number(CLOSE_MILLIS, 5000, 1, HOUR_MILLIS),
                settings.number(CONNECT_MILLIS, 5000, 1, HOUR_MILLIS),
                settings.number(LIVENESS_MILLIS, 100, 10, HOUR_MILLIS),
                hugePages,
                hugeDirectory(settings, hugePages));
    }

    private static Optional<Path> hugeDirectory(TransportSettings settings, HugePages wanted) {
        if (wanted.need() == HugePages.Need.NONE) {
            return Optional.empty();
        }
        Optional<Path> found = HugePageMount.ofThisProcess().stream()
                .filter(mount -> mount.pageBytes() == wanted.pageBytes() && mount.usable() && fits(mount.directory()))
                .map(HugePageMount::directory)
                .findFirst();
        if (found.isEmpty() && wanted.need() == HugePages.Need.REQUIRED) {
            throw settings.invalid(
                    HugePages.KEY,
                    settings.text(HugePages.KEY, ""),
                    "auto or false unless a hugetlbfs with such pages is mounted where this user may write:"
                            + " mount -t hugetlbfs -o mode=1777,pagesize=" + megabytes(wanted) + "M none DIRECTORY");
        }
        return found;
    }

    private static long megabytes(HugePages wanted) {
        return wanted.pageBytes() >> 20;
    }

    private static boolean fits(Path directory) {
        return directory.toString().getBytes(StandardCharsets.UTF_8).length <= FabricLayout.MAX_HUGE_DIRECTORY_BYTES;
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
