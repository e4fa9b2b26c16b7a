package io.finemem.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Module;
import com.google.inject.ProvisionException;
import com.google.inject.multibindings.MapBinder;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationProvider;
import io.finemem.spi.coordination.CoordinationSettings;
import io.finemem.spi.coordination.StaticCoordinationProvider;
import io.finemem.spi.placement.PlacementPolicy;
import io.finemem.spi.placement.PlacementProvider;
import io.finemem.spi.placement.PlacementSettings;
import io.finemem.spi.transport.Availability;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.Transports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a program brings along, by the builder and by Guice alike. */
@Timeout(60)
class ExtensionsTest {
    @TempDir
    private Path directory = Path.of(".");

    private Path secret = Path.of(".");

    @BeforeEach
    void makeSecret() throws Exception {
        Files.createDirectory(directory.resolve("fabric"));
        secret = directory.resolve("secret");
        PresharedSecret.create(secret);
    }

    private Config config(String text) {
        return ConfigFactory.parseString(text)
                .withFallback(ConfigFactory.parseMap(Map.of(
                        "finemem.transport.name",
                        "shm",
                        "finemem.transport.shm.directory",
                        directory.resolve("fabric").toString(),
                        "finemem.memory-node.pool",
                        "8MiB",
                        "finemem.memory-node.listen.port",
                        0,
                        "finemem.secret-file",
                        secret.toString())));
    }

    private MemoryNodeDaemon daemon(String name) {
        Transports transports = Transports.discover();
        Config config = config("finemem.memory-node.name = " + name);
        return MemoryNodeDaemon.open(
                FineMemConfig.of(config, transports.providers()).memoryNode(), transports);
    }

    private static String address(MemoryNodeDaemon daemon) {
        return "127.0.0.1:" + daemon.address().getPort();
    }

    /** The first node whose name ends as the setting says; counts how often it was asked. */
    private record ByEnding(String name, AtomicInteger asked) implements PlacementProvider {
        @Override
        public int spiVersion() {
            return SPI_VERSION;
        }

        @Override
        public String summary() {
            return "for this test";
        }

        @Override
        public Set<String> settingKeys() {
            return Set.of("ending");
        }

        @Override
        public PlacementPolicy open(PlacementSettings settings) {
            settings.requireKnown(settingKeys());
            String ending = settings.text("ending", "");
            return (nodes, bytes, turn) -> {
                asked.incrementAndGet();
                for (int node = 0; node < nodes.size(); node++) {
                    if (nodes.eligible(node) && nodes.name(node).endsWith(ending)) {
                        return node;
                    }
                }
                return PlacementPolicy.NONE;
            };
        }
    }

    /** The static directory under another name, as a directory of somebody's own would be. */
    private record OwnDirectory(String name, AtomicInteger opened) implements CoordinationProvider {
        private static final StaticCoordinationProvider LIST = new StaticCoordinationProvider();

        @Override
        public int spiVersion() {
            return SPI_VERSION;
        }

        @Override
        public String summary() {
            return "for this test";
        }

        @Override
        public Set<String> settingKeys() {
            return LIST.settingKeys();
        }

        @Override
        public Availability availability(CoordinationSettings settings) {
            return LIST.availability(settings);
        }

        @Override
        public Coordination open(CoordinationSettings settings) {
            opened.incrementAndGet();
            return LIST.open(settings);
        }
    }

    private static <P> Module bound(Class<P> kind, String name, P provider) {
        return new AbstractModule() {
            @Override
            protected void configure() {
                MapBinder.newMapBinder(binder(), String.class, kind)
                        .addBinding(name)
                        .toInstance(provider);
            }
        };
    }

    private static FineMem byGuice(Module module, Module other) {
        return Guice.createInjector(module, other).getInstance(FineMem.class);
    }

    private static void allocatesOn(String node, FineMem opened) {
        try (FineMem memory = opened;
                RemoteBlock block = memory.allocate(4096)) {
            assertThat(block.handle().memoryNode()).isEqualTo(node);
        }
    }

    @Test
    void aPlacementOfTheProgramPlacesItsBlocks() {
        AtomicInteger asked = new AtomicInteger();
        PlacementProvider mine = new ByEnding("mine", asked);
        try (MemoryNodeDaemon a = daemon("mn-a");
                MemoryNodeDaemon b = daemon("mn-b")) {
            Config config = config("finemem { placement.mine.ending = b, client { placement = mine, memory-nodes = ["
                    + "{ name = mn-a, address = \"" + address(a) + "\" },"
                    + "{ name = mn-b, address = \"" + address(b) + "\" } ] } }");

            allocatesOn("mn-b", FineMem.builder().config(config).placement(mine).connect());
            assertThat(asked).hasPositiveValue();
            asked.set(0);
            allocatesOn("mn-b", byGuice(FineMemModule.connect(config), bound(PlacementProvider.class, "mine", mine)));
            assertThat(asked).hasPositiveValue();
        }
    }

    @Test
    void aDirectoryOfTheProgramFindsItsMemoryNodes() {
        AtomicInteger opened = new AtomicInteger();
        CoordinationProvider mine = new OwnDirectory("mine", opened);
        try (MemoryNodeDaemon daemon = daemon("mn0")) {
            Config config = config("finemem.coordination { provider = mine, mine.memory-nodes = [ \"mn0="
                    + address(daemon) + "\" ] }");

            allocatesOn(
                    "mn0", FineMem.builder().config(config).coordination(mine).connect());
            allocatesOn("mn0", byGuice(FineMemModule.connect(config), bound(CoordinationProvider.class, "mine", mine)));
            assertThat(opened).hasValue(2);
        }
    }

    @Test
    void settingsOfWhatAProgramBringsAlongAreCheckedLikeAllOthers() {
        FineMemBuilder builder = FineMem.builder()
                .config(config("finemem { placement.mine.endign = b, client.placement = mine }"))
                .placement(new ByEnding("mine", new AtomicInteger()));

        assertThatThrownBy(builder::embedded)
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining(
                        "unknown key finemem.placement.mine.endign: did you mean" + " finemem.placement.mine.ending?");
        assertThatThrownBy(() -> FineMem.embedded(config("finemem.client.placement = mine")))
                .hasMessageContaining("finemem.client.placement = mine is not valid")
                .hasMessageContaining("label, least-loaded, round-robin");
    }

    @Test
    void whatHasATakenNameIsRefusedWithBothClasses() {
        TransportProvider shm = Transports.discover().providers().stream()
                .filter(provider -> provider.name().equals("shm"))
                .findFirst()
                .orElseThrow();
        TransportProvider transport = new RenamedTransport("shm", shm);
        PlacementProvider placement = new ByEnding("label", new AtomicInteger());
        CoordinationProvider coordination = new OwnDirectory("static", new AtomicInteger());

        refusedAlike(
                "two transports are named shm: " + shm.getClass().getName() + " and " + RenamedTransport.class.getName()
                        + "; give one of them another name",
                builder -> builder.transport(transport),
                bound(TransportProvider.class, "shm", transport));
        refusedAlike(
                "two kinds of placement are named label: io.finemem.spi.placement.LabelPlacement and "
                        + ByEnding.class.getName() + "; give one of them another name",
                builder -> builder.placement(placement),
                bound(PlacementProvider.class, "label", placement));
        refusedAlike(
                "two coordination providers are named static: " + StaticCoordinationProvider.class.getName() + " and "
                        + OwnDirectory.class.getName() + "; give one of them another name",
                builder -> builder.coordination(coordination),
                bound(CoordinationProvider.class, "static", coordination));
    }

    private void refusedAlike(String message, Function<FineMemBuilder, FineMemBuilder> adding, Module module) {
        FineMemBuilder builder = adding.apply(FineMem.builder().config(config("")));
        assertThatThrownBy(builder::embedded)
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(message);
        assertThatThrownBy(() -> byGuice(FineMemModule.embedded(config("")), module))
                .isInstanceOf(ProvisionException.class)
                .cause()
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(message);
    }

    @Test
    void whatGuiceHasUnderAnotherNameIsRefused() {
        Module module = bound(PlacementProvider.class, "yours", new ByEnding("mine", new AtomicInteger()));

        assertThatThrownBy(() -> byGuice(FineMemModule.embedded(config("")), module))
                .cause()
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("of the kinds of placement, " + ByEnding.class.getName()
                        + " is given as yours, and calls itself mine: give it under its own name");
    }
}
