package io.finemem.spi.coordination;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.provider.Providers;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Finds the kinds of directory. One is chosen by its name; nothing is chosen automatically and nothing falls back. Immutable.
 */
public final class CoordinationProviders {
    private static final Providers.Kind<CoordinationProvider> KIND = new Providers.Kind<>(
            CoordinationProvider.class, "coordination", "coordination providers", CoordinationProvider.SPI_VERSION);

    private final Providers<CoordinationProvider> providers;

    private CoordinationProviders(Providers<CoordinationProvider> providers) {
        this.providers = providers;
    }

    /** The providers on the class path and module path; one that cannot be loaded does not hide the others. */
    public static CoordinationProviders discover() {
        return new CoordinationProviders(Providers.discover(KIND));
    }

    /** Exactly these providers, for programs that bind them by hand. */
    public static CoordinationProviders of(Iterable<? extends CoordinationProvider> providers) {
        return new CoordinationProviders(Providers.of(KIND, providers));
    }

    /** These and some that a program gives by name; see {@link Providers#with(Map)}. */
    public CoordinationProviders with(Map<String, ? extends CoordinationProvider> given) {
        return new CoordinationProviders(providers.with(given));
    }

    /** These and some that a program gives; see {@link Providers#with(Collection)}. */
    public CoordinationProviders with(Collection<? extends CoordinationProvider> given) {
        return new CoordinationProviders(providers.with(given));
    }

    /** All usable providers, by name. */
    public Collection<CoordinationProvider> all() {
        return providers.all();
    }

    /** Providers that could not be used, in words. */
    public List<String> broken() {
        return providers.broken();
    }

    /**
     * The provider of that name.
     *
     * @throws InvalidConfiguration if there is none; the text lists those that there are
     */
    public CoordinationProvider named(String name) {
        return providers
                .named(name)
                .orElseThrow(() -> new InvalidConfiguration("there is no coordination provider named " + name
                        + "; there are: " + String.join(", ", providers.names()) + providers.unusable()));
    }
}
