package io.finemem.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.memory.HugePagePool;
import io.finemem.spi.memory.HugePages;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Regions on real huge pages; not where there is no hugetlbfs and this user may not mount one. */
@Timeout(120)
class HugeRegionsTest {
    @TempDir
    private Path directory;

    @TempDir
    private Path place;

    private HugeMount mount;

    @BeforeEach
    void mount() throws IOException, InterruptedException {
        Optional<HugeMount> found = HugeMount.open(place);
        Assumptions.assumeTrue(
                found.isPresent(), "there is no hugetlbfs with free pages, and this user may not make one");
        mount = found.orElseThrow();
    }

    @AfterEach
    void unmount() throws IOException, InterruptedException {
        if (mount != null) {
            mount.close();
        }
    }

    private static long free() {
        return HugePagePool.ofThisMachine(HugeMount.PAGE).free();
    }

    /** Page size of the mapping of a file in this process, as the kernel says it. */
    private static String kernelPageSize(Path file) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
        int at = 0;
        while (!lines.get(at).endsWith(file.toString())) {
            at++;
        }
        while (!lines.get(at).startsWith("KernelPageSize:")) {
            at++;
        }
        return lines.get(at).replaceAll(".*: +", "");
    }

    @Test
    void anotherProcessWorksOnARegionOfHugePagesWithoutKnowing() throws IOException {
        long before = free();
        try (Transport transport = Fixture.open(directory, HugePages.KEY, "2MiB");
                ChildProcess child = new ChildProcess(directory)) {
            ProtectionDomain domain = transport.newDomain();
            MemoryRegion region = domain.allocate(3 << 20, Fixture.EVERYTHING);
            assertThat(region.length()).isEqualTo(3 << 20);
            assertThat(before - free()).as("whole pages are taken").isEqualTo(2);
            List<Path> files = Fixture.files(mount.directory());
            assertThat(files).hasSize(1);
            assertThat(kernelPageSize(files.get(0))).isEqualTo("2048 kB");
            child.connect(domain);
            long last = (3 << 20) - Long.BYTES;
            assertThat(child.ask("add " + (region.address() + last) + " " + region.rkey() + " 1000"))
                    .isEqualTo("SUCCESS");
            assertThat(region.getWord(last)).isEqualTo(1000);
            assertThat(child.ask("add " + (region.address() + (3 << 20)) + " " + region.rkey() + " 1"))
                    .as("behind the region, though the page goes on")
                    .isEqualTo("REMOTE_ACCESS_ERROR");
        }
        assertThat(Fixture.files(mount.directory())).isEmpty();
        assertThat(free()).isEqualTo(before);
    }

    @Test
    void aRegionThatIsClosedGivesItsPagesBackAtOnce() {
        long before = free();
        try (Transport transport = Fixture.open(directory, HugePages.KEY, "true")) {
            ProtectionDomain domain = transport.newDomain();
            for (int i = 0; i < 20; i++) {
                MemoryRegion region = domain.allocate(4 << 20, Fixture.EVERYTHING);
                assertThat(region.getWord((4 << 20) - 8)).isZero();
                region.fill(0, 4 << 20, (byte) 1);
                region.close();
                assertThat(free()).isEqualTo(before);
            }
        }
    }

    @Test
    void filesOfAKilledProcessAreRemovedByTheNextInItsDirectory() throws IOException, InterruptedException {
        long before = free();
        try (ChildProcess child = new ChildProcess(List.of(), directory, HugePages.KEY, "2MiB")) {
            assertThat(child.ask("region 4194304")).doesNotContain("OutOfLocalResources");
            assertThat(Fixture.files(mount.directory())).hasSize(1);
            child.signal("KILL");
        }
        Fixture.open(directory).close();
        assertThat(Fixture.files(mount.directory())).isEmpty();
        assertThat(Fixture.files(directory)).isEmpty();
        assertThat(free()).isEqualTo(before);
    }

    @Test
    void tooFewAreAnErrorIfRequiredAndOrdinaryPagesIfNot() throws IOException {
        long more = (HugePagePool.ofThisMachine(HugeMount.PAGE).pages() + 1) * HugeMount.PAGE;
        try (Transport required = Fixture.open(directory, HugePages.KEY, "2MiB")) {
            ProtectionDomain domain = required.newDomain();
            assertThatThrownBy(() -> domain.allocate(more, Fixture.EVERYTHING))
                    .isInstanceOf(OutOfLocalResources.class)
                    .hasMessageStartingWith("finemem.transport.shm.hugepages = 2MiB: too few huge pages are free")
                    .hasMessageContaining("nr_hugepages");
        }
        try (Transport automatic = Fixture.open(directory, HugePages.KEY, "auto")) {
            ProtectionDomain domain = automatic.newDomain();
            domain.allocate(2 << 20, Fixture.EVERYTHING);
            assertThat(Fixture.files(mount.directory())).hasSize(1);
            domain.allocate(more, Fixture.EVERYTHING);
            assertThat(Fixture.files(mount.directory())).hasSize(1);
            assertThat(Fixture.files(directory))
                    .as("fabric and ordinary region")
                    .hasSize(2);
        }
    }

    @Test
    void operationsOnBothKindsOfRegionsGoOverOneConnection() {
        try (Transport transport = Fixture.open(directory, HugePages.KEY, "2MiB")) {
            ProtectionDomain own = transport.newDomain();
            ProtectionDomain served = transport.newDomain();
            Connection client = Fixture.connect(own, served).client();
            for (int bytes : new int[] {4096, 2 << 20}) {
                MemoryRegion region = served.allocate(bytes, Fixture.EVERYTHING);
                Chain chain = client.newChain(1);
                chain.writeWord(region.address() + bytes - 8, region.rkey(), bytes);
                assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.SUCCESS);
                assertThat(region.getWord(bytes - 8)).isEqualTo(bytes);
            }
        }
    }
}
