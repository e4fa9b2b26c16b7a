package io.finemem.allocator;

import io.finemem.allocator.layout.Geometry;

/** Classes of block sizes, as counted and timed: powers of two from 4 KiB to 2 MiB, and all that is larger. */
public final class SizeClass {
    /** Number of classes. */
    public static final int COUNT = Geometry.SECTION_ORDER + 2;

    private static final int KIB_SHIFT = 10;

    private SizeClass() {}

    /** The class of a block that has this many bytes (1 or more). */
    public static int of(long bytes) {
        return Math.min(Geometry.orderOf(bytes), COUNT - 1);
    }

    /** Name of a class: 4KiB, 8KiB, ... 2MiB, larger. */
    public static String name(int sizeClass) {
        if (sizeClass == COUNT - 1) {
            return "larger";
        }
        long kib = (long) Geometry.CHUNK_BYTES >>> KIB_SHIFT << sizeClass;
        return kib < 1 << KIB_SHIFT ? kib + "KiB" : (kib >>> KIB_SHIFT) + "MiB";
    }
}
