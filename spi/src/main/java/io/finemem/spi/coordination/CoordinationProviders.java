package io.finemem.spi.coordination;

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

/** Finds the kinds of directory. One is chosen by its name; nothing is chosen automatically and nothing falls back. */
public final class CoordinationProviders {
    private final Map<String, CoordinationProvider> providers = new TreeMap<>();
    private final List<String> broken = new ArrayList<>();

    private CoordinationProviders() {}

    /** The providers on the class path and module path; one that cannot be loaded does not hide the others. */
    public static CoordinationProviders discover() {
        CoordinationProviders found = new CoordinationProviders();
        Iterator<ServiceLoader.Provider<CoordinationProvider>> services =
                ServiceLoader.load(CoordinationProvider.class).stream().iterator();
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
    public static CoordinationProviders of(Iterable<? extends CoordinationProvider> providers) {
        CoordinationProviders given = new CoordinationProviders();
        providers.forEach(given::add);
        return given;
    }

    private void add(CoordinationProvider provider) {
        if (provider.spiVersion() != CoordinationProvider.SPI_VERSION) {
            broken.add(provider.name() + " was built for version " + provider.spiVersion()
                    + " of the coordination SPI, this is " + CoordinationProvider.SPI_VERSION);
            return;
        }
        CoordinationProvider other = providers.putIfAbsent(provider.name(), provider);
        if (other != null) {
            broken.add("two coordination providers are named " + provider.name() + ": "
                    + other.getClass().getName() + " is used, "
                    + provider.getClass().getName() + " is not");
        }
    }

    /** All usable providers, by name. */
    public Collection<CoordinationProvider> all() {
        return Collections.unmodifiableCollection(providers.values());
    }

    /** Providers that could not be used, in words. */
    public List<String> broken() {
        return List.copyOf(broken);
    }

    /**
     * The provider of that name.
     *
     * @throws InvalidConfiguration if there is none; the text lists those that there are
     */
    public CoordinationProvider named(String name) {
        CoordinationProvider provider = providers.get(name);
        if (provider == null) {
            String unusable = broken.isEmpty() ? "" : "; not usable: " + String.join(", ", broken);
            throw new InvalidConfiguration("there is no coordination provider named " + name + "; there are: "
                    + String.join(", ", providers.keySet()) + unusable);
        }
        return provider;
    }
}
