package io.finemem.spi.placement;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.provider.Providers;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Finds the kinds of placement. One is chosen by its name; nothing falls back. Immutable. */
public final class Placements {
    private static final Providers.Kind<PlacementProvider> KIND = new Providers.Kind<>(
            PlacementProvider.class, "placement", "kinds of placement", PlacementProvider.SPI_VERSION);

    private final Providers<PlacementProvider> providers;

    private Placements(Providers<PlacementProvider> providers) {
        this.providers = providers;
    }

    /** The providers on the class path and module path; one that cannot be loaded does not hide the others. */
    public static Placements discover() {
        return new Placements(Providers.discover(KIND));
    }

    /** Exactly these providers, for programs that bind them by hand. */
    public static Placements of(Iterable<? extends PlacementProvider> providers) {
        return new Placements(Providers.of(KIND, providers));
    }

    /** These and some that a program gives by name; see {@link Providers#with(Map)}. */
    public Placements with(Map<String, ? extends PlacementProvider> given) {
        return new Placements(providers.with(given));
    }

    /** These and some that a program gives; see {@link Providers#with(Collection)}. */
    public Placements with(Collection<? extends PlacementProvider> given) {
        return new Placements(providers.with(given));
    }

    /** All usable providers, by name. */
    public Collection<PlacementProvider> all() {
        return providers.all();
    }

    /** Providers that could not be used, in words. */
    public List<String> broken() {
        return providers.broken();
    }

    /**
     * The provider of that name.
     *
     * @param key where the name comes from, for the message
     * @throws InvalidConfiguration if there is none; the text lists those that there are
     */
    public PlacementProvider named(String key, String name) {
        return providers
                .named(name)
                .orElseThrow(() -> new InvalidConfiguration(
                        key + " = " + name + " is not valid: there is no such placement; there are "
                                + String.join(", ", providers.names()) + providers.unusable()));
    }
}
