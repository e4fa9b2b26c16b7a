package io.finemem.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.ProvisionException;
import com.google.inject.multibindings.MapBinder;
import com.google.inject.multibindings.OptionalBinder;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.control.AuditReport;
import io.finemem.api.AuthenticationFailed;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.MemoryClosed;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportUnavailable;
import io.finemem.spi.transport.Transports;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FineMemTest {
    @TempDir
    private Path directory = Path.of(".");

    private Path fabric = Path.of(".");
    private Path secret = Path.of(".");

    @BeforeEach
    void makeDirectories() throws IOException {
        fabric = Files.createDirectory(directory.resolve("fabric"));
        secret = directory.resolve("secret");
        PresharedSecret.create(secret);
    }

    @AfterEach
    void nothingIsLeftBehind() throws IOException {
        try (Stream<Path> files = Files.list(fabric)) {
            assertThat(files).as("files of closed transports").isEmpty();
        }
    }

    private Config config(String text) {
        return ConfigFactory.parseString(text)
                .withFallback(ConfigFactory.parseMap(Map.of(
                        "finemem.transport.name",
                        "shm",
                        "finemem.transport.shm.directory",
                        fabric.toString(),
                        "finemem.memory-node.pool",
                        "8MiB",
                        "finemem.memory-node.listen.port",
                        0,
                        "finemem.secret-file",
                        secret.toString())));
    }

    private Config clientOf(MemoryNodeDaemon daemon, String name) {
        return config("finemem.client.memory-nodes = [ { name = " + name + ", address = \"127.0.0.1:"
                + daemon.address().getPort() + "\" } ]");
    }

    private MemoryNodeDaemon startDaemon() {
        Transports transports = Transports.discover();
        return MemoryNodeDaemon.open(
                FineMemConfig.of(config(""), transports.providers()).memoryNode(), transports);
    }

    private static void writesAndReads(RemoteMemory memory) {
        byte[] pattern = "remember me".getBytes();
        byte[] read = new byte[pattern.length];
        try (RemoteBlock block = memory.allocate(64 * 1024)) {
            block.write(100, ByteBuffer.wrap(pattern));
            block.read(100, ByteBuffer.wrap(read));
        }
        assertThat(read).isEqualTo(pattern);
    }

    @Test
    void embeddedMemoryNeedsNoOtherProcessAndNoSecret() {
        try (FineMem memory = FineMem.embedded(config("finemem.secret-file = \"\""))) {
            writesAndReads(memory);
            assertThat(memory.describe()).contains("shm", fabric.toString(), "mn0");
            assertThat(memory.audit()).hasSize(1).allMatch(AuditReport::clean);
        }
    }

    @Test
    void embeddedMemoryTakesSharedMemoryWhenTheChoiceIsAutomatic() {
        try (FineMem memory = FineMem.embedded(config("finemem.transport.name = auto"))) {
            assertThat(memory.transport().transport()).isEqualTo("shm");
        }
    }

    @Test
    void aClosedMemoryIsClosedOnceAndRefusesWork() {
        FineMem memory = FineMem.embedded(config(""));
        memory.close();
        memory.close();
        assertThatThrownBy(() -> memory.allocate(1)).isInstanceOf(MemoryClosed.class);
    }

    /** Freed blocks are in use until they are revoked. */
    private static void awaitUsedChunks(MemoryNodeDaemon daemon, long chunks) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (daemon.audit().usedChunks() != chunks && System.nanoTime() - deadline < 0) {
            Thread.yield();
        }
        assertThat(daemon.audit().usedChunks()).isEqualTo(chunks);
    }

    @Test
    void aClientAllocatesOnADaemonOverTheControlChannel() {
        try (MemoryNodeDaemon daemon = startDaemon()) {
            try (FineMem memory = FineMem.connect(clientOf(daemon, "mn0"));
                    RemoteBlock held = memory.allocate(4096)) {
                writesAndReads(memory);
                assertThat(held.length()).isEqualTo(4096);
                awaitUsedChunks(daemon, 1);
                assertThat(daemon.audit().owners()).isEqualTo(1);
            }
            assertThat(daemon.audit().owners()).isZero();
            assertThat(daemon.audit().clean()).isTrue();
        }
    }

    @Test
    void aMemoryNodeOfAnotherNameIsNotUsed() {
        try (MemoryNodeDaemon daemon = startDaemon()) {
            assertThatThrownBy(() -> FineMem.connect(clientOf(daemon, "mn7")))
                    .isInstanceOf(InvalidConfiguration.class)
                    .hasMessageContaining("is named mn0, not mn7");
        }
    }

    @Test
    void aClientWithAnotherSecretIsRefused() {
        Path other = directory.resolve("other");
        PresharedSecret.create(other);
        try (MemoryNodeDaemon daemon = startDaemon()) {
            Config config = ConfigFactory.parseMap(Map.of("finemem.secret-file", other.toString()))
                    .withFallback(clientOf(daemon, "mn0"));
            assertThatThrownBy(() -> FineMem.connect(config)).isInstanceOf(AuthenticationFailed.class);
            assertThat(daemon.audit().owners()).isZero();
        }
    }

    @Test
    void anUnreachableMemoryNodeIsOneClearFailure() {
        Config config;
        try (MemoryNodeDaemon daemon = startDaemon()) {
            config = clientOf(daemon, "mn0");
        }
        assertThatThrownBy(() -> FineMem.connect(config))
                .isInstanceOf(MemoryNodeLost.class)
                .hasMessageContaining("does not answer");
    }

    @Test
    void anUnknownTransportIsAMistakeThatListsTheOthers() {
        assertThatThrownBy(() -> FineMem.embedded(config("finemem.transport.name = ufo")))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("there is no transport named ufo")
                .hasMessageContaining("shm (available");
    }

    @Test
    void aMistakeInTheSettingsOfTheNamedTransportIsToldAsSuch() {
        assertThatThrownBy(() -> FineMem.embedded(config("finemem.transport.shm.directory = /no/such/directory")))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith(
                        "finemem.transport.shm.directory = /no/such/directory is not valid: it must be");
    }

    @Test
    void builderAndGuiceTakeTheSameTransportByHand() {
        TransportProvider renamed = new RenamedTransport("mine", shm());
        Config config = config("finemem.transport { name = mine, mine.directory = \"" + fabric + "\" }");

        try (FineMem memory =
                FineMem.builder().config(config).transport(renamed).embedded()) {
            writesAndReads(memory);
        }
        Injector injector = Guice.createInjector(FineMemModule.embedded(config), new AbstractModule() {
            @Override
            protected void configure() {
                MapBinder.newMapBinder(binder(), String.class, TransportProvider.class)
                        .addBinding("mine")
                        .toInstance(renamed);
            }
        });
        try (FineMem memory = injector.getInstance(FineMem.class)) {
            writesAndReads(memory);
        }
    }

    @Test
    void builderAndGuiceTakeTheSameOptions() {
        AllocatorOptions single = AllocatorOptions.defaults().withWorkers(1);
        AtomicInteger connected = new AtomicInteger();
        try (MemoryNodeDaemon daemon = startDaemon()) {
            ControlConnector counting = (client, node) -> {
                connected.incrementAndGet();
                return ControlConnector.overTcp().connect(client, node);
            };
            FineMemBuilder builder = FineMem.builder()
                    .config(clientOf(daemon, "mn0"))
                    .allocatorOptions(single)
                    .controlConnector(counting);
            try (FineMem memory = builder.connect()) {
                writesAndReads(memory);
            }
            Injector injector =
                    Guice.createInjector(FineMemModule.connect(clientOf(daemon, "mn0")), new AbstractModule() {
                        @Override
                        protected void configure() {
                            OptionalBinder.newOptionalBinder(binder(), AllocatorOptions.class)
                                    .setBinding()
                                    .toInstance(single);
                            OptionalBinder.newOptionalBinder(binder(), ControlConnector.class)
                                    .setBinding()
                                    .toInstance(counting);
                        }
                    });
            try (FineMem memory = injector.getInstance(FineMem.class)) {
                writesAndReads(memory);
            }
        }
        assertThat(connected).hasValue(2);
    }

    @Test
    void guiceExposesOneMemoryAndNothingOfItsInside() {
        Injector injector = Guice.createInjector(FineMemModule.embedded(config("")));
        try (FineMem memory = injector.getInstance(FineMem.class)) {
            assertThat(injector.getInstance(RemoteMemory.class)).isSameAs(memory);
            assertThat(injector.getExistingBinding(Key.get(Composition.class))).isNull();
            writesAndReads(memory);
        }
    }

    @Test
    void guiceReportsTheMistakesOfTheConfiguration() {
        Injector injector = Guice.createInjector(FineMemModule.embedded(config("finemem.memory-node.pool = 0")));
        assertThatThrownBy(() -> injector.getInstance(RemoteMemory.class))
                .isInstanceOf(ProvisionException.class)
                .hasRootCauseInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("finemem.memory-node.pool = 0 is not valid");
    }

    @Test
    void aTransportThatDoesNotWorkIsNeverReplaced() {
        TransportProvider broken = new RenamedTransport("broken", shm()) {
            @Override
            public io.finemem.spi.transport.Availability availability(
                    io.finemem.spi.transport.TransportSettings settings) {
                return io.finemem.spi.transport.Availability.unavailable("no such device", "plug one in");
            }
        };
        assertThatThrownBy(() -> FineMem.builder()
                        .config(config("finemem.transport.name = broken"))
                        .transport(broken)
                        .embedded())
                .isInstanceOf(TransportUnavailable.class)
                .hasMessageContaining("no such device")
                .hasMessageContaining("plug one in");
    }

    private static TransportProvider shm() {
        List<TransportProvider> found = Transports.discover().providers();
        return found.stream()
                .filter(provider -> provider.name().equals("shm"))
                .findFirst()
                .orElseThrow();
    }
}
