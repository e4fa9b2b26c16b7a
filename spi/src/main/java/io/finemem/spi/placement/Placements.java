package io.finemem.spi.placement;

import io.finemem.api.InvalidConfiguration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** Finds the kinds of placement. One is chosen by its name; nothing falls back. */
public final class Placements {
    private final Map<String, PlacementProvider> providers = new TreeMap<>();
    private final List<String> broken = new ArrayList<>();

    private Placements() {}

    /** The providers on the class path and module path; one that cannot be loaded does not hide the others. */
    public static Placements discover() {
        Placements found = new Placements();
        Iterator<ServiceLoader.Provider<PlacementProvider>> services =
                ServiceLoader.load(PlacementProvider.class).stream().iterator();
        while (true) {
            try {
                if (!services.hasNext()) {
                    return found;
                }
                found.add(services.next().get());
            } catch (ServiceConfigurationError | LinkageError e) {
                found.broken.add(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Exactly these providers, for programs that bind them by hand. */
    public static Placements of(Iterable<? extends PlacementProvider> providers) {
        Placements given = new Placements();
        providers.forEach(given::add);
        return given;
    }

    private void add(PlacementProvider provider) {
        if (provider.spiVersion() != PlacementProvider.SPI_VERSION) {
            broken.add(provider.name() + " was built for version " + provider.spiVersion()
                    + " of the placement SPI, this is " + PlacementProvider.SPI_VERSION);
            return;
        }
        PlacementProvider other = providers.putIfAbsent(provider.name(), provider);
        if (other != null) {
            broken.add("two kinds of placement are named " + provider.name() + ": "
                    + other.getClass().getName() + " is used, "
                    + provider.getClass().getName() + " is not");
        }
    }

    /** All usable providers, by name. */
    public Collection<PlacementProvider> all() {
        return Collections.unmodifiableCollection(providers.values());
    }

    /** Providers that could not be used, in words. */
    public List<String> broken() {
        return List.copyOf(broken);
    }

    /**
     * The provider of that name.
     *
     * @param key where the name comes from, for the message
     * @throws InvalidConfiguration if there is none; the text lists those that there are
     */
    public PlacementProvider named(String key, String name) {
        PlacementProvider provider = providers.get(name);
        if (provider == null) {
            String unusable = broken.isEmpty() ? "" : "; not usable: " + String.join(", ", broken);
            throw new InvalidConfiguration(key + " = " + name + " is not valid: there is no such placement; there are "
                    + String.join(", ", providers.keySet()) + unusable);
        }
        return provider;
    }
}
