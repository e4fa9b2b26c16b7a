package io.finemem.runtime.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether a pool of the configured size fits into the memory file system of this machine. */
final class SharedMemoryCheck implements Check {
    private static final String NAME = "/dev/shm";

    private final long wantedBytes;

    /** @param wantedBytes length of the pool */
    SharedMemoryCheck(long wantedBytes) {
        this.wantedBytes = wantedBytes;
    }

    @Override
    public List<Finding> examine(Machine machine) {
        Path directory = machine.path(NAME);
        if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
            return List.of(
                    Finding.problem(NAME, "not there, or not writable", "mount -t tmpfs tmpfs /dev/shm", Finding.SHM));
        }
        long free = machine.usableBytes().applyAsLong(directory);
        String detail = Sizes.text(free) + " free";
        return List.of(
                free > wantedBytes
                        ? Finding.ok(NAME, detail)
                        : Finding.problem(
                                NAME,
                                detail + ", the pool needs more than " + Sizes.text(wantedBytes),
                                "mount -o remount,size=SIZE /dev/shm; docker: --shm-size SIZE; or a smaller "
                                        + "finemem.memory-node.pool",
                                Finding.SHM));
    }
}
