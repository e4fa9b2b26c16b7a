package io.finemem.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyTableTest {
    @TempDir
    private Path directory;

    @Test
    void everyBindHasANewKeyUntilThePeriodIsOver() {
        int maxKeys = FabricLayout.MAX_KEYS_LIMIT;
        try (Transport transport = Fixture.open(directory, "max-keys", Integer.toString(maxKeys))) {
            int period = transport.capabilities().windowKeyPeriod();
            assertThat(period).isEqualTo(256);
            ProtectionDomain domain = transport.newDomain();
            MemoryRegion region = domain.allocate(64, Fixture.EVERYTHING);
            Connection loop = Fixture.connect(domain, domain).client();
            Chain chain = loop.newChain(1);
            MemoryWindow window = domain.newWindow();
            Set<Integer> keys = new HashSet<>();
            int first = 0;
            for (int i = 0; i < period; i++) {
                chain.clear().bind(window, region, 0, 64, Fixture.ALL_REMOTE);
                assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.SUCCESS);
                first = i == 0 ? window.rkey() : first;
                keys.add(window.rkey());
            }
            assertThat(keys).hasSize(period).doesNotContain(0);
            chain.clear().bind(window, region, 0, 64, Fixture.ALL_REMOTE);
            assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.SUCCESS);
            assertThat(window.rkey()).isEqualTo(first);
            assertThat(window.bindCount()).isEqualTo(period + 1L);
        }
    }

    @Test
    void exchangingTheWindowKeepsTheOldKeysAway() {
        try (Transport transport = Fixture.open(directory, "max-keys", Integer.toString(FabricLayout.MAX_KEYS_LIMIT))) {
            ProtectionDomain domain = transport.newDomain();
            MemoryRegion region = domain.allocate(64, Fixture.EVERYTHING);
            Chain chain = Fixture.connect(domain, domain).client().newChain(1);
            Set<Integer> keys = new HashSet<>();
            int windows = 20_000;
            for (int i = 0; i < windows; i++) {
                MemoryWindow window = domain.newWindow();
                chain.clear().bind(window, region, 0, 64, Fixture.ALL_REMOTE);
                assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.SUCCESS);
                keys.add(window.rkey());
                window.close();
            }
            assertThat(keys).hasSize(windows);
        }
    }
}
