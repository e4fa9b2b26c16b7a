package io.finemem.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.OutOfLocalResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class FileSpaceTest {
    private static final Path MEMORY_FILE_SYSTEM = Path.of("/dev/shm");

    @Test
    void interruptedThreadIsToldTheSpaceOfAMemoryFileSystemAndKeepsItsInterrupt() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(MEMORY_FILE_SYSTEM), "there is no /dev/shm here");
        Thread.currentThread().interrupt();
        try {
            FileSpace.require(MEMORY_FILE_SYSTEM.resolve("finemem-nothing"), 4096);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void moreThanThereIsIsRefusedBeforeAnythingIsWritten() {
        Path file = Path.of("/tmp/finemem-nothing");

        assertThatThrownBy(() -> FileSpace.require(file, Long.MAX_VALUE))
                .isInstanceOf(OutOfLocalResources.class)
                .hasMessageContaining("wantedBytes=" + Long.MAX_VALUE);
        assertThat(file).doesNotExist();
    }
}
