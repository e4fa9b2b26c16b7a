package io.finemem.runtime;

import com.google.inject.AbstractModule;
import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.MapBinder;
import com.google.inject.multibindings.OptionalBinder;
import com.typesafe.config.Config;
import io.finemem.allocator.AllocatorOptions;
import io.finemem.api.RemoteMemory;
import io.finemem.runtime.config.Plugins;
import io.finemem.spi.coordination.CoordinationProvider;
import io.finemem.spi.placement.PlacementProvider;
import io.finemem.spi.transport.TransportProvider;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * {@link RemoteMemory} for Guice, and the same object as {@link FineMem}. It is opened when it is first asked for (at
 * once in
 * {@code Stage.PRODUCTION}) and closed by whoever owns the injector, for Guice has no life cycle:
 *
 * <pre>{@code
 * Injector injector = Guice.createInjector(FineMemModule.connect(config), new MyModule());
 * try (FineMem memory = injector.getInstance(FineMem.class)) {
 *     ...
 * }
 * }</pre>
 *
 * <p>What other modules may add beside what is on the class path, by its name in the configuration:
 *
 * <ul>
 *   <li>a transport: {@code MapBinder.newMapBinder(binder(), String.class, TransportProvider.class).addBinding(name)};
 *   <li>a kind of placement: the same with {@link PlacementProvider};
 *   <li>a kind of directory: the same with {@link CoordinationProvider}.
 * </ul>
 *
 * <p>One whose name is taken, or that was built for another version, is an {@code InvalidConfiguration} when the memory is opened.
 * What other modules may replace:
 *
 * <ul>
 *   <li>the way to the memory nodes: {@code OptionalBinder.newOptionalBinder(binder(), ControlConnector.class)} and its
 *       {@code setBinding()};
 *   <li>how to allocate: the same with {@link AllocatorOptions}, instead of what the configuration says;
 *   <li>where meters are registered: the same with {@link MeterRegistry}; without it there are none.
 * </ul>
 */
public final class FineMemModule extends AbstractModule {
    private final Config config;
    private final Function<Composition, FineMem> opening;

    private FineMemModule(Config config, Function<Composition, FineMem> opening) {
        this.config = config;
        this.opening = opening;
    }

    /** Memory nodes in other processes; see {@link FineMemBuilder#connect()}. */
    public static FineMemModule connect(Config config) {
        return new FineMemModule(config, Composition::connect);
    }

    /** A memory node in this process; see {@link FineMemBuilder#embedded()}. */
    public static FineMemModule embedded(Config config) {
        return new FineMemModule(config, Composition::embedded);
    }

    @Override
    protected void configure() {
        MapBinder.newMapBinder(binder(), String.class, TransportProvider.class);
        MapBinder.newMapBinder(binder(), String.class, PlacementProvider.class);
        MapBinder.newMapBinder(binder(), String.class, CoordinationProvider.class);
        OptionalBinder.newOptionalBinder(binder(), ControlConnector.class)
                .setDefault()
                .toInstance(ControlConnector.overTcp());
        OptionalBinder.newOptionalBinder(binder(), AllocatorOptions.class);
        OptionalBinder.newOptionalBinder(binder(), MeterRegistry.class);
        install(new Inside(config, opening));
    }

    /** Everything that others have no business with. */
    private static final class Inside extends PrivateModule {
        private final Config config;
        private final Function<Composition, FineMem> opening;

        Inside(Config config, Function<Composition, FineMem> opening) {
            this.config = config;
            this.opening = opening;
        }

        @Override
        protected void configure() {
            bind(RemoteMemory.class).to(FineMem.class);
            expose(RemoteMemory.class);
            expose(FineMem.class);
        }

        @Provides
        Plugins plugins(
                Map<String, TransportProvider> transports,
                Map<String, PlacementProvider> placements,
                Map<String, CoordinationProvider> coordinations) {
            Plugins found = Plugins.discover();
            return new Plugins(
                    found.transports().with(transports),
                    found.placements().with(placements),
                    found.coordinations().with(coordinations));
        }

        @Provides
        @Singleton
        FineMem open(
                Plugins plugins,
                ControlConnector connector,
                Optional<AllocatorOptions> options,
                Optional<MeterRegistry> meters) {
            return opening.apply(new Composition(config, new Extensions(plugins, connector, options, meters)));
        }
    }
}
