package io.finemem.spi.transport;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Finds transports and chooses one: an explicit name wins and never falls back to another; {@code auto} takes the available
 * one with the highest priority and logs, in one line, which won and why the others did not.
 */
public final class Transports {
    /** Name that asks for the best available transport. */
    public static final String AUTO = "auto";

    private static final System.Logger LOG = System.getLogger(Transports.class.getName());
    private static final Comparator<TransportProvider> BEST_FIRST =
            Comparator.comparingInt(TransportProvider::priority).reversed().thenComparing(TransportProvider::name);

    private final Map<String, TransportProvider> providers = new TreeMap<>();
    private final List<String> broken = new ArrayList<>();

    private Transports() {}

    /**
     * What was found about one transport.
     *
     * @param provider the transport
     * @param availability whether it works here
     */
    public record Candidate(TransportProvider provider, Availability availability) {
        @Override
        public String toString() {
            String state = availability.available() ? "available" : "not available";
            String hint = availability.hint().isEmpty() ? "" : "; " + availability.hint();
            return provider.name() + " (" + state + ": " + availability.detail() + hint + ")";
        }
    }

    /** The transports on the class path and module path; one that cannot be loaded does not hide the others. */
    public static Transports discover() {
        Transports found = new Transports();
        Iterator<ServiceLoader.Provider<TransportProvider>> services =
                ServiceLoader.load(TransportProvider.class).stream().iterator();
        while (true) {
            try {
                if (!services.hasNext()) {
                    return found;
                }
                found.add(services.next().get());
            } catch (ServiceConfigurationError | LinkageError e) {
                found.broken.add(e.getMessage());
            }
        }
    }

    /** Exactly these transports, for programs that bind them by hand. */
    public static Transports of(Iterable<? extends TransportProvider> providers) {
        Transports given = new Transports();
        providers.forEach(given::add);
        return given;
    }

    private void add(TransportProvider provider) {
        if (provider.spiVersion() != TransportProvider.SPI_VERSION) {
            broken.add(provider.name() + " was built for version " + provider.spiVersion()
                    + " of the transport SPI, this is " + TransportProvider.SPI_VERSION);
            return;
        }
        TransportProvider other = providers.putIfAbsent(provider.name(), provider);
        if (other != null) {
            broken.add("two transports are named " + provider.name() + ": "
                    + other.getClass().getName() + " is used, "
                    + provider.getClass().getName() + " is not");
        }
    }

    /** All transports that can be used as far as their version goes, by name. */
    public List<TransportProvider> providers() {
        return List.copyOf(providers.values());
    }

    /** All transports, best first, with what a probe says of each. */
    public List<Candidate> candidates(Function<String, TransportSettings> settings) {
        return providers.values().stream()
                .sorted(BEST_FIRST)
                .map(provider -> new Candidate(provider, provider.availability(settings.apply(provider.name()))))
                .toList();
    }

    /** Providers that could not be used, in words. */
    public List<String> broken() {
        return List.copyOf(broken);
    }

    /**
     * Chooses a transport.
     *
     * @param name a transport's name, or {@link #AUTO}
     * @param settings the settings of a transport by its name
     * @throws TransportUnavailable if there is none of that name, or it does not work here; the text lists the others
     */
    public Candidate choose(String name, Function<String, TransportSettings> settings) {
        return name.equals(AUTO) ? best(settings) : named(name, settings);
    }

    private Candidate named(String name, Function<String, TransportSettings> settings) {
        TransportProvider provider = providers.get(name);
        if (provider == null) {
            throw new TransportUnavailable("there is no transport named " + name + "; " + listing(settings, name));
        }
        Availability availability = provider.availability(settings.apply(name));
        if (!availability.available()) {
            throw new TransportUnavailable("transport " + name + " does not work here: " + availability.detail() + "; "
                    + availability.hint() + "; " + listing(settings, name));
        }
        LOG.log(System.Logger.Level.INFO, "transport {0} as configured: {1}", name, availability.detail());
        return new Candidate(provider, availability);
    }

    private Candidate best(Function<String, TransportSettings> settings) {
        List<Candidate> all = candidates(settings);
        Candidate winner = all.stream()
                .filter(candidate -> candidate.availability().available())
                .findFirst()
                .orElseThrow(() -> new TransportUnavailable("no transport works here; " + listing(settings, AUTO)));
        String others = all.stream()
                .filter(candidate -> candidate != winner)
                .map(Candidate::toString)
                .collect(Collectors.joining(", "));
        LOG.log(System.Logger.Level.INFO, "transport {0} chosen automatically; others: {1}", winner, others);
        return winner;
    }

    private String listing(Function<String, TransportSettings> settings, String wanted) {
        List<Candidate> others = candidates(settings).stream()
                .filter(candidate -> !candidate.provider().name().equals(wanted))
                .toList();
        String found = others.stream().map(Candidate::toString).collect(Collectors.joining(", "));
        String unusable = broken.isEmpty() ? "" : "; not usable: " + String.join(", ", broken);
        return (providers.containsKey(wanted) ? "other transports: " : "transports: ")
                + (found.isEmpty() ? "none" : found)
                + unusable;
    }
}
