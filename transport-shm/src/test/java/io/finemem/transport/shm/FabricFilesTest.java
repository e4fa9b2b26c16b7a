package io.finemem.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.OutOfLocalResources;
import io.finemem.api.ProtocolViolation;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FabricFilesTest {
    private static final String DEAD = "finemem-999999999-00000000000000aa";

    @TempDir
    private Path directory;

    @Test
    void filesAreForTheOwnerOnlyAndNothingIsLeft() throws IOException {
        try (Transport transport = Fixture.open(directory)) {
            ProtectionDomain domain = transport.newDomain();
            MemoryRegion region = domain.allocate(5, Fixture.ALL_REMOTE);
            assertThat(Fixture.files(directory)).hasSize(2);
            for (Path file : Fixture.files(directory)) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------");
                assertThat(file.getFileName().toString())
                        .startsWith("finemem-" + ProcessHandle.current().pid() + '-');
            }
            region.close();
            assertThat(Fixture.files(directory)).hasSize(1);
        }
        assertThat(Fixture.files(directory)).isEmpty();
    }

    @Test
    void filesOfDeadProcessesAreRemovedAndOtherFilesAreNot() throws IOException {
        Files.createFile(directory.resolve(DEAD));
        Files.createFile(directory.resolve(DEAD + ".12"));
        Files.createFile(directory.resolve("finemem-999999999-00000000000000ab.3"));
        Path notOurs = Files.createFile(directory.resolve("finemem-notes.txt"));
        Fixture.open(directory).close();
        assertThat(Fixture.files(directory)).containsExactly(notOurs);
    }

    @Test
    void aRegionThatCannotFitIsRefusedWithPathNeedAndRemedy() throws IOException {
        try (Transport transport = Fixture.open(directory)) {
            ProtectionDomain domain = transport.newDomain();
            long bytes = ShmTransport.MAX_REGION_BYTES;
            assertThatThrownBy(() -> domain.allocate(bytes, Fixture.ALL_REMOTE))
                    .isInstanceOf(OutOfLocalResources.class)
                    .hasMessageContaining(directory.toString())
                    .hasMessageContaining("wantedBytes=" + bytes)
                    .hasMessageContaining("freeBytes=")
                    .hasMessageContaining("set directory");
            assertThat(Fixture.files(directory)).hasSize(1);
        }
    }

    @Test
    void connectionsAndKeysRunOutWithTheSettingToRaise() {
        try (Transport transport = Fixture.open(directory, "max-connections", "2", "max-keys", "1024")) {
            ProtectionDomain domain = transport.newDomain();
            Connection first = domain.newConnection(ConnectionOptions.of("one"));
            domain.newConnection(ConnectionOptions.of("two"));
            assertThatThrownBy(() -> domain.newConnection(ConnectionOptions.of("three")))
                    .isInstanceOf(OutOfLocalResources.class)
                    .hasMessageContaining("max-connections");
            first.close();
            domain.newConnection(ConnectionOptions.of("three"));
            for (int i = 1; i < 1024; i++) {
                domain.newWindow();
            }
            assertThatThrownBy(domain::newWindow)
                    .isInstanceOf(OutOfLocalResources.class)
                    .hasMessageContaining("max-keys");
        }
    }

    @Test
    void aDescriptorOfAJunkFileOrOfNoFileConnectsToNothing() throws IOException {
        try (Transport transport = Fixture.open(directory)) {
            Connection end = transport.newDomain().newConnection(ConnectionOptions.of("peer"));
            Path missing = directory.resolve(DEAD);
            assertThatThrownBy(() -> end.connect(new Descriptor(missing, 1, 0, 1).encode()))
                    .isInstanceOf(ConnectionLost.class)
                    .hasMessageContaining(missing.toString());
            Files.write(missing, new byte[1 << 16]);
            assertThatThrownBy(() -> end.connect(new Descriptor(missing, 1, 0, 1).encode()))
                    .isInstanceOf(ConnectionLost.class);
            Path odd = directory.resolve("other");
            assertThatThrownBy(() -> end.connect(new Descriptor(odd, 1, 0, 1).encode()))
                    .isInstanceOf(ProtocolViolation.class);
            assertThatThrownBy(() -> end.connect(new Descriptor(Path.of("/"), 1, 0, 1).encode()))
                    .isInstanceOf(ProtocolViolation.class);
            assertThat(end.state()).isEqualTo(ConnectionState.CREATED);
        }
    }
}
