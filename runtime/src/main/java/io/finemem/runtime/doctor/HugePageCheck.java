package io.finemem.runtime.doctor;

import io.finemem.spi.memory.HugePageMount;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Reserved huge pages, and where files of them can be made; good to have, not needed. */
final class HugePageCheck implements Check {
    private static final String NAME = "huge pages";
    private static final String DIRECTORY = "/sys/kernel/mm/hugepages";
    private static final String MOUNTS = "/proc/mounts";
    private static final String NONE = "0";

    @Override
    public List<Finding> examine(Machine machine) {
        List<String> sizes = machine.list(DIRECTORY);
        if (sizes.isEmpty()) {
            return List.of(Finding.ok(NAME, "not supported by this kernel (optional)"));
        }
        List<HugePageMount> mounts = HugePageMount.parse(machine.read(MOUNTS).orElse(""));
        String detail = sizes.stream().map(size -> pages(machine, size, mounts)).collect(Collectors.joining(", "));
        return List.of(Finding.ok(NAME, detail + " (optional)"));
    }

    private static String pages(Machine machine, String size, List<HugePageMount> mounts) {
        String directory = DIRECTORY + "/" + size;
        String reserved = machine.read(directory + "/nr_hugepages").orElse("?");
        String length = size.replace("hugepages-", "");
        String counts =
                machine.read(directory + "/free_hugepages").orElse("?") + " of " + reserved + " free, " + length;
        return reserved.equals(NONE) ? counts : counts + place(mounts, length);
    }

    /** Adapters need no mount, shm does. */
    private static String place(List<HugePageMount> mounts, String length) {
        return mounts.stream()
                .filter(mount -> length.equals((mount.pageBytes() >> 10) + "kB"))
                .map(HugePageMount::directory)
                .map(Path::toString)
                .findFirst()
                .map(directory -> ", hugetlbfs at " + directory)
                .orElse(", no hugetlbfs for shm");
    }
}
