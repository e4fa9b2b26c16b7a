package io.finemem.spi.provider;

import io.finemem.api.InvalidConfiguration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * The plug-ins of one kind, by name: those that {@link ServiceLoader} finds, those that a program gives, or both. What is unusable is
 * kept in words, and hides nothing that is usable.
 *
 * <p>Immutable.
 *
 * @param <P> the provider's interface
 */
public final class Providers<P extends Provider> {
    private final Kind<P> kind;
    private final Map<String, P> usable;
    private final List<String> broken;

    /**
     * A kind of plug-ins.
     *
     * @param service the interface under which {@link ServiceLoader} looks
     * @param spi one word for messages: <i>transport</i>
     * @param several its plural: <i>transports</i>
     * @param version the version of the SPI that is usable
     */
    public record Kind<P extends Provider>(Class<P> service, String spi, String several, int version) {
        private String wrongVersion(P provider) {
            return provider.name() + " was built for version " + provider.spiVersion() + " of the " + spi
                    + " SPI, this is " + version;
        }
    }

    private Providers(Kind<P> kind, Map<String, P> usable, List<String> broken) {
        this.kind = kind;
        this.usable = Collections.unmodifiableMap(usable);
        this.broken = List.copyOf(broken);
    }

    /** Those on the class path and module path; one that cannot be loaded does not hide the others. */
    public static <P extends Provider> Providers<P> discover(Kind<P> kind) {
        Collector<P> found = new Collector<>(kind);
        Iterator<ServiceLoader.Provider<P>> services =
                ServiceLoader.load(kind.service()).stream().iterator();
        while (true) {
            try {
                if (!services.hasNext()) {
                    return found.collected();
                }
                found.add(services.next().get());
            } catch (ServiceConfigurationError | LinkageError e) {
                found.broken.add(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Exactly these, for programs that bind them by hand; of one name the first. */
    public static <P extends Provider> Providers<P> of(Kind<P> kind, Iterable<? extends P> providers) {
        Collector<P> given = new Collector<>(kind);
        providers.forEach(given::add);
        return given.collected();
    }

    private static final class Collector<P extends Provider> {
        private final Kind<P> kind;
        private final Map<String, P> usable = new TreeMap<>();
        private final List<String> broken = new ArrayList<>();

        Collector(Kind<P> kind) {
            this.kind = kind;
        }

        void add(P provider) {
            if (provider.spiVersion() != kind.version()) {
                broken.add(kind.wrongVersion(provider));
                return;
            }
            P other = usable.putIfAbsent(provider.name(), provider);
            if (other != null) {
                broken.add("two " + kind.several() + " are named " + provider.name() + ": "
                        + other.getClass().getName() + " is used, "
                        + provider.getClass().getName() + " is not");
            }
        }

        Providers<P> collected() {
            return new Providers<>(kind, usable, broken);
        }
    }

    /**
     * These and some that a program gives under the names by which it knows them. What a program gives and cannot be used is a mistake,
     * while a plug-in that only lies on the class path is none.
     *
     * @throws InvalidConfiguration if one has another name, the name of another, or another version of the SPI
     */
    public Providers<P> with(Map<String, ? extends P> given) {
        Map<String, P> all = new TreeMap<>(usable);
        given.forEach((name, provider) -> {
            if (!provider.name().equals(name)) {
                throw new InvalidConfiguration("of the " + kind.several() + ", "
                        + provider.getClass().getName() + " is given as " + name + ", and calls itself "
                        + provider.name() + ": give it under its own name");
            }
            put(all, provider);
        });
        return new Providers<>(kind, all, broken);
    }

    /**
     * These and some that a program gives.
     *
     * @throws InvalidConfiguration as {@link #with(Map)}
     */
    public Providers<P> with(Collection<? extends P> given) {
        Map<String, P> all = new TreeMap<>(usable);
        given.forEach(provider -> put(all, provider));
        return new Providers<>(kind, all, broken);
    }

    private void put(Map<String, P> all, P provider) {
        if (provider.spiVersion() != kind.version()) {
            throw new InvalidConfiguration(kind.wrongVersion(provider) + ": build it against this version");
        }
        P other = all.putIfAbsent(provider.name(), provider);
        if (other != null) {
            throw new InvalidConfiguration("two " + kind.several() + " are named " + provider.name() + ": "
                    + other.getClass().getName() + " and " + provider.getClass().getName()
                    + "; give one of them another name");
        }
    }

    /** All usable ones, in the order of their names. */
    public Collection<P> all() {
        return usable.values();
    }

    /** The names of the usable ones, in order. */
    public Collection<String> names() {
        return usable.keySet();
    }

    /** The usable one of that name. */
    public Optional<P> named(String name) {
        return Optional.ofNullable(usable.get(name));
    }

    /** Those that could not be used, in words. */
    public List<String> broken() {
        return broken;
    }

    /** {@code "; not usable: ..."} for the end of a message; empty if there is nothing to tell. */
    public String unusable() {
        return broken.isEmpty() ? "" : "; not usable: " + String.join(", ", broken);
    }
}
