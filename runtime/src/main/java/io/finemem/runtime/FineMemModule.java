package io.finemem.runtime;

import com.google.inject.AbstractModule;
import com.google.inject.Key;
import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.TypeLiteral;
import com.google.inject.multibindings.MapBinder;
import com.google.inject.multibindings.OptionalBinder;
import com.typesafe.config.Config;
import io.finemem.allocator.AllocatorOptions;
import io.finemem.api.RemoteMemory;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.Transports;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
 * <p>What other modules may add or replace:
 *
 * <ul>
 *   <li>a transport: {@code MapBinder.newMapBinder(binder(), String.class, TransportProvider.class).addBinding(name)};
 *   <li>the way to the memory nodes: {@code OptionalBinder.newOptionalBinder(binder(), ControlConnector.class)} and its
 *       {@code setBinding()};
 *   <li>how to allocate: the same with {@link AllocatorOptions}, instead of what the configuration says;
 *   <li>where meters are registered: the same with {@link MeterRegistry}; without it there are none.
 * </ul>
 */
public final class FineMemModule extends AbstractModule {
    private static final Logger LOG = LoggerFactory.getLogger(FineMemModule.class);

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
        MapBinder<String, TransportProvider> transports =
                MapBinder.newMapBinder(binder(), String.class, TransportProvider.class);
        Transports found = Transports.discover();
        found.providers()
                .forEach(provider -> transports.addBinding(provider.name()).toInstance(provider));
        found.broken().forEach(cause -> LOG.warn("a transport cannot be used: {}", cause));
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
            requireBinding(Key.get(new TypeLiteral<Map<String, TransportProvider>>() {}));
        }

        @Provides
        @Singleton
        FineMem open(
                Map<String, TransportProvider> transports,
                ControlConnector connector,
                Optional<AllocatorOptions> options,
                Optional<MeterRegistry> meters) {
            return opening.apply(
                    new Composition(config, Transports.of(transports.values()), connector, options, meters));
        }
    }
}
