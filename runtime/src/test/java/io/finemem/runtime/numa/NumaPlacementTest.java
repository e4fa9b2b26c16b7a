package io.finemem.runtime.numa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The system calls and what they do to a pool, on a kernel that knows NUMA nodes; one node suffices. */
@Timeout(60)
class NumaPlacementTest {
    private static final int PAGE = 4096;

    @TempDir
    private Path fabric = Path.of(".");

    private int node;

    @BeforeEach
    void nodeOfThisMachine() {
        var there = NumaNodes.ofThisMachine().withMemory();
        Assumptions.assumeFalse(there.isEmpty(), "this kernel knows no NUMA nodes");
        node = there.last();
    }

    private static List<String> mapsOf(Path files) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/numa_maps")).stream()
                .filter(line -> line.contains("file=" + files))
                .toList();
    }

    private Config config(String text) {
        return ConfigFactory.parseString("finemem { transport { name = shm, shm.directory = \"" + fabric
                + "\" }, memory-node { pool = 8MiB, " + text + " } }");
    }

    @Test
    void aPoolIsBoundToTheNodeAndLiesThere() throws IOException {
        try (FineMem memory = FineMem.embedded(config("numa-node = " + node));
                RemoteBlock block = memory.allocate(1 << 20)) {
            block.write(0, ByteBuffer.allocate(1 << 20));
            List<String> regions = mapsOf(fabric).stream()
                    .filter(line -> line.contains(" bind:" + node + " "))
                    .toList();
            assertThat(regions).as("metadata and heap").hasSize(2).allMatch(line -> line.contains(" N" + node + "="));
        }
    }

    @Test
    void withoutAWishAndWithoutADeviceNothingIsBound() throws IOException {
        for (String wish : List.of("none", "auto")) {
            try (FineMem memory = FineMem.embedded(config("numa-node = " + wish))) {
                assertThat(memory.describe()).contains("shm");
                assertThat(mapsOf(fabric)).isNotEmpty().allMatch(line -> line.contains(" default "));
            }
        }
    }

    @Test
    void aThreadIsBoundUntilThePolicyIsClosed() throws Exception {
        assertThat(taskPolicy()).isEqualTo("default");
        try (MemoryPolicy first = MemoryPolicy.bindThread(node)) {
            assertThat(first).isNotNull();
            assertThat(taskPolicy()).isEqualTo("bind:" + node);
            try (MemoryPolicy second = MemoryPolicy.bindThread(node)) {
                assertThat(second).isNotNull();
                assertThat(taskPolicy()).isEqualTo("bind:" + node);
            }
            assertThat(taskPolicy()).as("that of before").isEqualTo("bind:" + node);
        }
        assertThat(taskPolicy()).isEqualTo("default");
    }

    /** Policy of a mapping that has none of its own, as the kernel shows it for this thread. */
    private static String taskPolicy() throws IOException {
        return Files.readAllLines(Path.of("/proc/thread-self/numa_maps")).stream()
                .filter(line -> line.contains("stack") || line.contains("libjvm"))
                .findFirst()
                .orElseThrow()
                .split(" ")[1];
    }

    @Test
    void pagesTellTheirNode() throws MemoryPolicy.Refused {
        ByteBuffer memory = ByteBuffer.allocateDirect(4 * PAGE).alignedSlice(PAGE);
        memory.put(0, (byte) 1);
        long address = com.kenai.jffi.MemoryIO.getInstance().getDirectBufferAddress(memory);
        assertThat(MemoryPolicy.nodesOf(new long[] {address})[0])
                .isIn(NumaNodes.ofThisMachine().withMemory());
        assertThat(MemoryPolicy.nodesOf(new long[] {0})[0]).as("no page there").isNegative();
    }

    @Test
    void aNodeThatTheKernelDoesNotHaveIsAFailureOfTheCallAndNoBinding() {
        assertThatThrownBy(() -> MemoryPolicy.bindThread(1000).close())
                .isInstanceOf(MemoryPolicy.Refused.class)
                .hasMessageContaining("set_mempolicy");
        ByteBuffer unaligned =
                ByteBuffer.allocateDirect(2 * PAGE).alignedSlice(PAGE).slice(8, 8);
        assertThatThrownBy(() -> MemoryPolicy.bindMemory(unaligned, node))
                .isInstanceOf(MemoryPolicy.Refused.class)
                .hasMessageContaining("mbind");
    }
}
