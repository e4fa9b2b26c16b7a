package io.finemem.transport.shm;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of the files of one fabric: {@code finemem-PID-RANDOM}, and {@code finemem-PID-RANDOM.ID} for its regions.
 *
 * @param directory where the files are
 * @param pid process that made them
 * @param random 16 hexadecimal digits
 */
record FabricName(Path directory, long pid, String random) {
    static final String PREFIX = "finemem-";

    /** Longest name: prefix, pid, dash, 16 digits. */
    static final int MAX_BYTES = PREFIX.length() + 19 + 1 + 16;

    private static final Pattern FILE = Pattern.compile(PREFIX + "(\\d{1,19})-([0-9a-f]{16})(?:\\.\\d+)?");
    private static final SecureRandom RANDOM = new SecureRandom();

    static FabricName fresh(Path directory) {
        return new FabricName(directory, ProcessHandle.current().pid(), String.format("%016x", RANDOM.nextLong()));
    }

    /** The fabric that a file belongs to, if its name is one of a fabric or of its regions. */
    static Optional<FabricName> of(Path file) {
        Path last = file.getFileName();
        Matcher matcher = FILE.matcher(last == null ? "" : last.toString());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return parsePid(matcher.group(1)).map(pid -> new FabricName(file.getParent(), pid, matcher.group(2)));
    }

    private static Optional<Long> parsePid(String digits) {
        try {
            return Optional.of(Long.valueOf(digits));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    Path fabric() {
        return directory.resolve(PREFIX + pid + '-' + random);
    }

    /**
     * The file of a region.
     *
     * @param hugeDirectory where files of huge pages are; not needed for others
     */
    Path region(long id, Optional<Path> hugeDirectory) {
        Path where = (id & FabricLayout.HUGE_REGION) == 0 ? directory : hugeDirectory.orElse(directory);
        return where.resolve(PREFIX + pid + '-' + random + '.' + (id & ~FabricLayout.HUGE_REGION));
    }

    /** Pattern of {@link java.nio.file.Files#newDirectoryStream(Path, String)} for the regions' files. */
    String regionsGlob() {
        return PREFIX + pid + '-' + random + ".*";
    }
}
