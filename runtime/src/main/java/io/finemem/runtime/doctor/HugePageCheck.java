package io.finemem.runtime.doctor;

import java.util.List;

/** Reserved huge pages; good to have, not needed. */
final class HugePageCheck implements Check {
    private static final String NAME = "huge pages";
    private static final String DIRECTORY = "/sys/kernel/mm/hugepages";

    @Override
    public List<Finding> examine(Machine machine) {
        List<String> sizes = machine.list(DIRECTORY);
        if (sizes.isEmpty()) {
            return List.of(Finding.ok(NAME, "not supported by this kernel (optional)"));
        }
        String detail = String.join(
                ", ", sizes.stream().map(size -> pages(machine, size)).toList());
        return List.of(Finding.ok(NAME, detail + " (optional)"));
    }

    private static String pages(Machine machine, String size) {
        String directory = DIRECTORY + "/" + size;
        return machine.read(directory + "/free_hugepages").orElse("?") + " of "
                + machine.read(directory + "/nr_hugepages").orElse("?") + " free, "
                + size.replace("hugepages-", "");
    }
}
