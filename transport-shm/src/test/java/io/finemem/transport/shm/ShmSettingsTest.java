package io.finemem.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.memory.HugePageMount;
import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.TransportSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShmSettingsTest {
    private static final String PREFIX = "finemem.transport.shm";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "max-connections, 0",
        "max-connections, 65537",
        "max-keys, 1023",
        "max-keys, many",
        "close-timeout-millis, 0",
        "connect-timeout-millis, -1",
        "liveness-interval-millis, 1.5",
        "directory, /does/not/exist"
    })
    void aBadValueIsRefusedInOneLineThatNamesIt(String key, String value) {
        TransportSettings settings = TransportSettings.of(PREFIX, Map.of(key, value));
        assertThatThrownBy(() -> new ShmTransportProvider().open(settings))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith(PREFIX + '.' + key + " = " + value + " is not valid: it must be ")
                .hasMessageNotContaining("\n");
        Availability availability = new ShmTransportProvider().availability(settings);
        assertThat(availability.available()).isFalse();
        assertThat(availability.detail()).contains(key, value);
    }

    @Test
    void anUnknownKeyIsRefusedWithTheKnownOnes() {
        TransportSettings settings = TransportSettings.of(PREFIX, Map.of("dir", "/tmp"));
        assertThatThrownBy(() -> ShmSettings.read(settings))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("dir")
                .hasMessageContaining("liveness-interval-millis");
    }

    @Test
    void aFileOrATooLongPathIsNoDirectory() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> ShmSettings.read(Fixture.settings(file))).isInstanceOf(InvalidConfiguration.class);
        Path deep = directory;
        while (deep.toString().length() <= Descriptor.MAX_DIRECTORY_BYTES) {
            deep = deep.resolve("d".repeat(100));
        }
        Files.createDirectories(deep);
        Path tooLong = deep;
        assertThatThrownBy(() -> ShmSettings.read(Fixture.settings(tooLong)))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("bytes long");
    }

    @Test
    void keysAreRoundedUpToAPowerOfTwo() {
        TransportSettings settings = Fixture.settings(directory, ShmSettings.MAX_KEYS, "1025");
        assertThat(ShmSettings.read(settings).maxKeys()).isEqualTo(2048);
        assertThat(ShmSettings.read(TransportSettings.empty()).maxKeys()).isEqualTo(1 << 23);
    }

    @Test
    void hugePagesWithoutAPlaceForThemAreRefusedWithTheCommandThatMakesOne() {
        Assumptions.assumeTrue(
                HugePageMount.ofThisProcess().stream().noneMatch(mount -> mount.pageBytes() == 1 << 30),
                "there is a hugetlbfs of 1 GiB pages here");
        assertThatThrownBy(() -> ShmSettings.read(Fixture.settings(directory, "hugepages", "1GiB")))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith(PREFIX + ".hugepages = 1GiB is not valid: it must be auto or false unless ")
                .hasMessageContaining("mount -t hugetlbfs -o mode=1777,pagesize=1024M none DIRECTORY");
        assertThat(ShmSettings.read(Fixture.settings(directory)).hugeDirectory())
                .isEmpty();
    }
}
