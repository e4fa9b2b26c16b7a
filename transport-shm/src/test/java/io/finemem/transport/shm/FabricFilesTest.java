package io.finemem.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.OutOfLocalResources;
import io.finemem.api.ProtocolViolation;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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
    void spaceThatRunsOutWhileItIsCommittedIsAnErrorAndNoFault() throws IOException {
        List<String> oneMebibyte = List.of("sh", "-c", "ulimit -f 2048 && exec \"$@\"", "sh");
        try (ChildProcess child =
                new ChildProcess(oneMebibyte, directory, "max-keys", "1024", "max-connections", "16")) {
            assertThat(child.ask("region 8388608"))
                    .startsWith("OutOfLocalResources")
                    .contains("ulimit -f", "wantedBytes=8388608", directory.toString());
            assertThat(Fixture.files(directory)).as("fabric and first region").hasSize(2);
            assertThat(child.ask("region 4096")).doesNotContain("OutOfLocalResources");
        }
        assertThat(Fixture.files(directory)).isEmpty();
    }

    @Test
    void aRegionCutOffFromOutsideIsAnErrorAndOtherRegionsAreUsable() throws IOException {
        try (TwoNodes nodes = new TwoNodes(directory)) {
            MemoryRegion region = nodes.region(1 << 20);
            MemoryRegion other = nodes.region(64);
            for (int i = 0; i < 20_000; i++) {
                assertThat(nodes.read(region.address(), region.rkey())).isEqualTo(CompletionStatus.SUCCESS);
            }
            try (FileChannel file = FileChannel.open(
                    Fixture.files(directory).stream()
                            .filter(path -> path.toFile().length() == 1 << 20)
                            .findFirst()
                            .orElseThrow(),
                    StandardOpenOption.WRITE)) {
                file.truncate(0);
            }
            assertThat(faults(nodes, region)).isTrue();
            Connection again = Fixture.connect(nodes.own(), nodes.served()).client();
            Chain chain = again.newChain(1);
            chain.readWord(other.address(), other.rkey());
            assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.SUCCESS);
        }
    }

    /** Compiled code sees the fault as an error that the JVM throws at its next transition, such as a yield. */
    private static boolean faults(TwoNodes nodes, MemoryRegion region) {
        try {
            CompletionStatus status = nodes.read(region.address(), region.rkey());
            Thread.yield();
            return status == CompletionStatus.REMOTE_OPERATION_ERROR;
        } catch (InternalError e) {
            return true;
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
