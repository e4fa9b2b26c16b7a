package io.finemem.examples;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.multibindings.MapBinder;
import com.google.inject.multibindings.OptionalBinder;
import com.typesafe.config.ConfigFactory;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import io.finemem.runtime.FineMemModule;
import io.finemem.spi.placement.PlacementPolicy;
import io.finemem.spi.placement.PlacementProvider;
import io.finemem.spi.placement.PlacementSettings;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Set;

/** A program's own placement and its registry of meters, given to FineMem by a Guice module. */
public final class OwnPlacement extends AbstractModule {
    private final MeterRegistry registry = new SimpleMeterRegistry();

    @Override
    protected void configure() {
        MapBinder.newMapBinder(binder(), String.class, PlacementProvider.class)
                .addBinding(Fill.NAME)
                .to(Fill.class);
        OptionalBinder.newOptionalBinder(binder(), MeterRegistry.class)
                .setBinding()
                .toInstance(registry);
    }

    /** Fills the memory nodes one after the other, so that those at the end stay empty and can be stopped. */
    static final class Fill implements PlacementProvider {
        static final String NAME = "fill";

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public int spiVersion() {
            return SPI_VERSION;
        }

        @Override
        public String summary() {
            return "the first memory node that has room";
        }

        @Override
        public Set<String> settingKeys() {
            return Set.of();
        }

        @Override
        public PlacementPolicy open(PlacementSettings settings) {
            settings.requireKnown(settingKeys());
            return (nodes, bytes, turn) -> PlacementPolicy.nextInTurn(nodes, 0);
        }
    }

    public static void main(String[] arguments) {
        OwnPlacement own = new OwnPlacement();
        Injector injector = Guice.createInjector(
                FineMemModule.embedded(ConfigFactory.parseString("finemem.client.placement = fill")), own);
        try (FineMem memory = injector.getInstance(FineMem.class);
                RemoteBlock block = memory.allocate(4096)) {
            System.out.println("on " + block.handle().memoryNode() + ", meters: "
                    + !own.registry.getMeters().isEmpty());
        }
    }
}
