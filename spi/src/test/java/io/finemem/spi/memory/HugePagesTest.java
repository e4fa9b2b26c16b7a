package io.finemem.spi.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.TransportSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HugePagesTest {
    private static final String PREFIX = "finemem.transport.shm";
    private static final long MORE_THAN_THERE_IS = 1L << 50;

    @TempDir
    private Path pools = Path.of(".");

    private static HugePages of(String value) {
        return HugePages.of(TransportSettings.of(PREFIX, Map.of(HugePages.KEY, value)));
    }

    @ParameterizedTest
    @CsvSource({"2M, 2097152", "2MiB, 2097152", "1G, 1073741824", "1gib, 1073741824"})
    void aSizeIsRequired(String value, long bytes) {
        assertThat(of(value))
                .isEqualTo(new HugePages(HugePages.Need.REQUIRED, bytes, PREFIX + ".hugepages = " + value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"yes", "on", "4KiB", "required"})
    void anotherWordIsRefusedWithThoseThatThereAre(String value) {
        assertThatThrownBy(() -> of(value))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(
                        PREFIX + ".hugepages = " + value + " is not valid: it must be false, auto, true, 2MiB or 1GiB");
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "2MiB", "1GiB"})
    void tooFewAreAnErrorThatNamesSettingAndRemedy(String value) {
        assertThatThrownBy(() -> of(value).pageBytesFor(MORE_THAN_THERE_IS))
                .isInstanceOf(OutOfLocalResources.class)
                .hasMessageStartingWith(PREFIX + ".hugepages = " + value + ": too few huge pages are free")
                .hasMessageContaining("reserve more with ")
                .hasMessageContaining("nr_hugepages")
                .hasMessageContaining("set it to auto or false")
                .hasMessageContaining("wantedBytes=" + MORE_THAN_THERE_IS);
    }

    @Test
    void autoTakesOrdinaryPagesIfTooFewAreFreeAndSaysSo() {
        HugePages auto = of("auto");
        assertThat(auto.pageBytesFor(MORE_THAN_THERE_IS)).isZero();
        assertThat(auto.missedFor(MORE_THAN_THERE_IS, 0)).isTrue();
    }

    @Test
    void lessThanAPageIsOrdinaryAndNothingIsMissed() {
        assertThat(of("1GiB").pageBytesFor((1L << 30) - 1)).isZero();
        assertThat(of("1GiB").missedFor(1, 0)).isFalse();
        assertThat(of("").pageBytesFor(MORE_THAN_THERE_IS)).isZero();
        assertThat(of("").missedFor(MORE_THAN_THERE_IS, 0)).isFalse();
    }

    @Test
    void pagesThatSomebodyWasPromisedAreNotFree() throws IOException {
        Path pool = Files.createDirectory(pools.resolve("hugepages-2048kB"));
        Files.writeString(pool.resolve("nr_hugepages"), "64\n");
        Files.writeString(pool.resolve("free_hugepages"), "60\n");
        Files.writeString(pool.resolve("resv_hugepages"), "10\n");
        assertThat(HugePagePool.of(pools, 2 << 20)).isEqualTo(new HugePagePool(2 << 20, 64, 50));
        assertThat(HugePagePool.of(pools, 2 << 20).freeBytes()).isEqualTo(100 << 20);
        assertThat(HugePagePool.of(pools, 1 << 30)).isEqualTo(new HugePagePool(1 << 30, 0, 0));
    }

    @Test
    void mountsAreFoundWithTheirPageSizes() {
        String mounts = "tmpfs /dev/shm tmpfs rw,nosuid,nodev 0 0\n"
                + "hugetlbfs /dev/hugepages hugetlbfs rw,relatime,pagesize=2M 0 0\n"
                + "none /mnt/huge\\0401g hugetlbfs rw,relatime,mode=1777,pagesize=1024M 0 0\n";
        assertThat(HugePageMount.parse(mounts))
                .containsExactly(
                        new HugePageMount(Path.of("/dev/hugepages"), 2 << 20),
                        new HugePageMount(Path.of("/mnt/huge 1g"), 1 << 30));
        assertThat(new HugePageMount(pools, 2 << 20).usable()).isTrue();
        assertThat(new HugePageMount(pools.resolve("none"), 2 << 20).usable()).isFalse();
    }
}
