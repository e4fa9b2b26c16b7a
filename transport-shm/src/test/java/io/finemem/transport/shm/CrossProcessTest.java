package io.finemem.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrossProcessTest {
    @TempDir
    private Path directory;

    private static Connection connect(ProtectionDomain domain, ChildProcess child) throws IOException {
        Connection end = domain.newConnection(ConnectionOptions.of("child"));
        end.connect(HexFormat.of().parseHex(child.ask("end")));
        assertThat(child.ask("connect " + HexFormat.of().formatHex(end.descriptor())))
                .isEqualTo("CONNECTED");
        return end;
    }

    @Test
    void anotherProcessAddsToOurMemory() throws IOException {
        try (Transport transport = Fixture.open(directory);
                ChildProcess child = new ChildProcess(directory)) {
            ProtectionDomain domain = transport.newDomain();
            MemoryRegion region = domain.allocate(4096, Fixture.ALL_REMOTE);
            connect(domain, child);
            String key = " " + region.address() + " " + region.rkey() + " 1000";
            assertThat(child.ask("add" + key)).isEqualTo(CompletionStatus.SUCCESS.name());
            assertThat(child.ask("cas" + key)).isEqualTo(CompletionStatus.SUCCESS.name());
            assertThat(region.getWord(0)).isEqualTo(2000);
        }
        assertThat(Fixture.files(directory)).isEmpty();
    }
}
