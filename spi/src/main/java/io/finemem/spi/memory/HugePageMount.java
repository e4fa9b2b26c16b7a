package io.finemem.spi.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A hugetlbfs: a directory whose files consist of huge pages, so that several processes can map them.
 *
 * @param directory where it is mounted
 * @param pageBytes length of its pages
 */
public record HugePageMount(Path directory, long pageBytes) {
    private static final Path MOUNTS = Path.of("/proc/mounts");
    private static final Pattern LINE = Pattern.compile("\\S+ (\\S+) hugetlbfs (\\S+) .*");
    private static final Pattern PAGE_SIZE = Pattern.compile("(?:.*,)?pagesize=(\\d+)([KMG]?)(?:,.*)?");
    private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

    /** All that this process sees, in the order of the mounts. */
    public static List<HugePageMount> ofThisProcess() {
        try {
            return Files.isReadable(MOUNTS) ? parse(Files.readString(MOUNTS)) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + MOUNTS, e);
        }
    }

    /** Those in the text of {@code /proc/mounts}. */
    public static List<HugePageMount> parse(String mounts) {
        return mounts.lines().map(HugePageMount::line).flatMap(Optional::stream).toList();
    }

    /** Whether this user may make files there. */
    public boolean usable() {
        return Files.isDirectory(directory) && Files.isWritable(directory) && Files.isExecutable(directory);
    }

    private static Optional<HugePageMount> line(String text) {
        Matcher line = LINE.matcher(text);
        if (!line.matches()) {
            return Optional.empty();
        }
        Matcher size = PAGE_SIZE.matcher(line.group(2));
        long pageBytes = size.matches()
                ? Long.parseLong(size.group(1)) << shift(size.group(2))
                : HugePagePool.defaultPageBytes();
        String directory = ESCAPED.matcher(line.group(1))
                .replaceAll(
                        code -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(code.group(1), 8))));
        return Optional.of(new HugePageMount(Path.of(directory), pageBytes));
    }

    private static int shift(String unit) {
        return switch (unit) {
            case "K" -> 10;
            case "M" -> 20;
            case "G" -> 30;
            default -> 0;
        };
    }
}
