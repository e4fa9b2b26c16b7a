package io.finemem.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.memory.HugePageMount;
import io.finemem.spi.memory.HugePagePool;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A hugetlbfs for a test, with eight free pages of 2 MiB: one that there is, or one that root makes and takes away again. */
final class HugeMount {
    static final long PAGE = 2 << 20;
    private static final int PAGES = 8;
    private static final Path RESERVED = HugePagePool.directory(PAGE).resolve("nr_hugepages");

    private static final Path LOCK = Path.of(System.getProperty("java.io.tmpdir"), "finemem-huge-pages-test.lock");

    private final FileChannel lock;
    private final Path directory;
    private final boolean mounted;
    private final long reservedBefore;

    private HugeMount(FileChannel lock, Path directory, boolean mounted, long reservedBefore) {
        this.lock = lock;
        this.directory = directory;
        this.mounted = mounted;
        this.reservedBefore = reservedBefore;
    }

    /** Empty if there is none and this user may not make one. Tests in other processes wait meanwhile: there is one pool. */
    static Optional<HugeMount> open(Path place) throws IOException, InterruptedException {
        FileChannel channel = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        channel.lock();
        Optional<HugeMount> mount = open(channel, place);
        if (mount.isEmpty()) {
            channel.close();
        }
        return mount;
    }

    private static Optional<HugeMount> open(FileChannel lock, Path place) throws IOException, InterruptedException {
        long before = HugePagePool.ofThisMachine(PAGE).pages();
        Optional<Path> there = usable();
        if (there.isPresent() && HugePagePool.ofThisMachine(PAGE).free() >= PAGES) {
            return Optional.of(new HugeMount(lock, there.get(), false, before));
        }
        if (!Files.isWritable(RESERVED)
                || run("mount", "-t", "hugetlbfs", "-o", "pagesize=2M", "none", place.toString()) != 0) {
            return Optional.empty();
        }
        HugeMount mount = new HugeMount(lock, usable().orElse(place), true, before);
        reserve(before + PAGES);
        if (HugePagePool.ofThisMachine(PAGE).free() < PAGES) {
            mount.close();
            return Optional.empty();
        }
        return Optional.of(mount);
    }

    private static Optional<Path> usable() {
        return HugePageMount.ofThisProcess().stream()
                .filter(mount -> mount.pageBytes() == PAGE && mount.usable())
                .map(HugePageMount::directory)
                .findFirst();
    }

    private static void reserve(long pages) throws IOException {
        Files.writeString(RESERVED, Long.toString(pages));
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).start().waitFor();
    }

    Path directory() {
        return directory;
    }

    void close() throws IOException, InterruptedException {
        if (mounted) {
            assertThat(run("umount", "--lazy", directory.toString())).isZero();
        }
        if (HugePagePool.ofThisMachine(PAGE).pages() != reservedBefore) {
            reserve(reservedBefore);
        }
        lock.close();
    }
}
