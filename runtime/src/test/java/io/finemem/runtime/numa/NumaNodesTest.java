package io.finemem.runtime.numa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.memorynode.RegionPlacement;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.OutOfLocalResources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A machine of two nodes, an adapter at each, as the kernel would show it. */
class NumaNodesTest {
    @TempDir
    private Path sys = Path.of(".");

    private NumaNodes nodes = new NumaNodes(sys);

    @BeforeEach
    void machine() {
        file("devices/system/node/has_memory", "0-1\n");
        file("class/infiniband/mlx5_0/device/numa_node", "0\n");
        file("class/infiniband/mlx5_1/device/numa_node", "1\n");
        file("class/infiniband/virtual0/device/numa_node", "-1\n");
        file(
                "devices/system/node/node1/meminfo",
                """
                Node 1 MemTotal:       8388608 kB
                Node 1 MemFree:           1024 kB
                Node 1 MemUsed:        8387584 kB
                Node 1 Inactive(file):     512 kB
                Node 1 SReclaimable:       512 kB
                Node 1 HugePages_Free:      16
                """);
        file("devices/system/node/node1/hugepages/hugepages-2048kB/free_hugepages", "16\n");
        nodes = new NumaNodes(sys);
    }

    private void file(String name, String text) {
        try {
            Path file = sys.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0-3, 0 1 2 3", "'0-1,4', 0 1 4", "'', ''", "x, ''"})
    void listsOfTheKernelAreRead(String text, String expected) {
        assertThat(String.join(
                        " ",
                        NumaNodes.list(text == null ? "" : text).stream()
                                .map(String::valueOf)
                                .toList()))
                .isEqualTo(expected == null ? "" : expected);
    }

    @Test
    void aDeviceHasItsNodeAndAVirtualOneHasNone() {
        assertThat(nodes.withMemory()).containsExactly(0, 1);
        assertThat(nodes.ofDevice("mlx5_1")).hasValue(1);
        assertThat(nodes.ofDevice("virtual0")).isEmpty();
        assertThat(nodes.ofDevice("mlx5_2")).isEmpty();
        assertThat(nodes.ofDevice("/dev/shm/finemem-1-0")).isEmpty();
        assertThat(nodes.ofDevice("")).isEmpty();
    }

    @Test
    void memoryOfANodeIsWhatIsFreeOrCanBeGivenUpOrItsHugePages() {
        assertThat(nodes.availableBytes(1)).isEqualTo(32L << 20);
        file("devices/system/node/node1/hugepages/hugepages-2048kB/free_hugepages", "0\n");
        assertThat(nodes.availableBytes(1)).isEqualTo(2L << 20);
    }

    @Test
    void automaticChoiceIsTheNodeOfTheDeviceAndNothingForOthers() {
        assertThat(NumaPlacement.of(NumaWish.AUTO, "mlx5_1/1", nodes)).isInstanceOf(NumaPlacement.class);
        assertThat(NumaPlacement.of(NumaWish.AUTO, "virtual0/1", nodes)).isSameAs(RegionPlacement.ANYWHERE);
        assertThat(NumaPlacement.of(NumaWish.AUTO, "/dev/shm/finemem-1-0", nodes))
                .isSameAs(RegionPlacement.ANYWHERE);
        assertThat(NumaPlacement.of(NumaWish.NONE, "mlx5_1/1", nodes)).isSameAs(RegionPlacement.ANYWHERE);
    }

    @Test
    void aNodeThatIsNotThereIsRefusedWithThoseThatAre() {
        assertThatThrownBy(() -> NumaPlacement.of(NumaWish.of(7), "mlx5_1/1", nodes))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(
                        "finemem.memory-node.numa-node = 7 is not valid: it must be auto, none, or a NUMA node of this"
                                + " machine that has memory: 0, 1");
        NumaNodes none = new NumaNodes(sys.resolve("nothing"));
        assertThatThrownBy(() -> NumaPlacement.of(NumaWish.of(0), "mlx5_1/1", none))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("auto or none, as the kernel of this machine knows no NUMA nodes");
    }

    @Test
    void moreThanANodeHasIsRefusedBeforeItIsAllocated() {
        RegionPlacement placement = NumaPlacement.of(NumaWish.of(1), "", nodes);
        assertThatThrownBy(() -> placement.place(64L << 20, () -> {
                    throw new AssertionError("allocated");
                }))
                .isInstanceOf(OutOfLocalResources.class)
                .hasMessageContaining("set finemem.memory-node.numa-node to another one or to none")
                .hasMessageContaining("numaNode=1 wantedBytes=67108864 availableBytes=33554432");
    }

    @Test
    void aDevicesNodeThatHasTooLittleIsNoReasonNotToStart() {
        RegionPlacement placement = NumaPlacement.of(NumaWish.AUTO, "mlx5_1/1", nodes);
        assertThatThrownBy(() -> placement.place(64L << 20, () -> {
                    throw new IllegalStateException("allocated");
                }))
                .hasMessage("allocated");
    }
}
