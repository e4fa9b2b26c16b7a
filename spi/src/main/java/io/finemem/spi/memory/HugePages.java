package io.finemem.spi.memory;

import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.settings.Settings;
import java.util.Locale;

/**
 * The setting {@code hugepages} of a transport. Immutable.
 *
 * <table>
 *   <caption>Values</caption>
 *   <tr><td>{@code false}</td><td>ordinary pages</td></tr>
 *   <tr><td>{@code auto}</td><td>huge pages of the kernel's default size for regions that they are free for, otherwise
 *       ordinary ones</td></tr>
 *   <tr><td>{@code true}</td><td>huge pages of the kernel's default size, or an error</td></tr>
 *   <tr><td>{@code 2MiB}, {@code 1GiB}</td><td>huge pages of that size, or an error</td></tr>
 * </table>
 *
 * A region of less than one huge page has ordinary pages in any case.
 *
 * @param need whether there must be any
 * @param pageBytes length of a page, 0 if none are wanted or the kernel has none
 * @param setting key and value, for messages
 */
public record HugePages(Need need, long pageBytes, String setting) {
    /** The key of a transport's settings. */
    public static final String KEY = "hugepages";

    private static final long MIB_2 = 2L << 20;
    private static final long GIB_1 = 1L << 30;

    /** How much huge pages are wanted. */
    public enum Need {
        /** Not at all. */
        NONE,
        /** If they are free. */
        IF_FREE,
        /** A region without them is refused. */
        REQUIRED
    }

    /**
     * Reads the setting.
     *
     * @throws io.finemem.api.InvalidConfiguration if its value is not one of the table's
     */
    public static HugePages of(Settings settings) {
        String value = settings.text(KEY, "false");
        String setting = settings.path(KEY) + " = " + value;
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "false" -> new HugePages(Need.NONE, 0, setting);
            case "auto" -> new HugePages(Need.IF_FREE, HugePagePool.defaultPageBytes(), setting);
            case "true" -> new HugePages(Need.REQUIRED, HugePagePool.defaultPageBytes(), setting);
            case "2m", "2mib" -> new HugePages(Need.REQUIRED, MIB_2, setting);
            case "1g", "1gib" -> new HugePages(Need.REQUIRED, GIB_1, setting);
            default -> throw settings.invalid(KEY, value, "false, auto, true, 2MiB or 1GiB");
        };
    }

    /**
     * The pages of a region.
     *
     * @param bytes length of the region
     * @return length of a huge page, or 0 for ordinary pages
     * @throws OutOfLocalResources if huge pages are required and too few are free
     */
    public long pageBytesFor(long bytes) {
        if (need == Need.NONE || need == Need.IF_FREE && pageBytes == 0 || bytes < pageBytes) {
            return 0;
        }
        long free = HugePagePool.ofThisMachine(pageBytes).freeBytes();
        if (pageBytes != 0 && rounded(bytes, pageBytes) <= free) {
            return pageBytes;
        }
        if (need == Need.REQUIRED) {
            throw tooFew(bytes, free);
        }
        return 0;
    }

    /** Whether a region gets ordinary pages only because too few huge ones are free. */
    public boolean missedFor(long bytes, long chosenPageBytes) {
        return chosenPageBytes == 0 && need == Need.IF_FREE && (pageBytes == 0 || bytes >= pageBytes);
    }

    private OutOfLocalResources tooFew(long bytes, long free) {
        boolean otherSize = pageBytes != HugePagePool.defaultPageBytes();
        return new OutOfLocalResources(
                setting + ": too few huge pages are free; reserve more with "
                        + (otherSize
                                ? "echo N > " + HugePagePool.directory(pageBytes) + "/nr_hugepages"
                                : "sysctl vm.nr_hugepages=N")
                        + ", or set it to auto or false",
                "pageBytes",
                pageBytes,
                "wantedBytes",
                pageBytes == 0 ? bytes : rounded(bytes, pageBytes),
                "freeBytes",
                free);
    }

    /** Bytes of whole pages that so many bytes take. */
    public static long rounded(long bytes, long pageBytes) {
        return Math.addExact(bytes, pageBytes - 1) / pageBytes * pageBytes;
    }
}
