package io.finemem.spi.transport;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.provider.Providers;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Finds transports and chooses one: an explicit name wins and never falls back to another; {@code auto} takes the available
 * one with the highest priority and logs, in one line, which won and why the others did not. Immutable.
 */
public final class Transports {
    /** Name that asks for the best available transport. */
    public static final String AUTO = "auto";

    private static final System.Logger LOG = System.getLogger(Transports.class.getName());
    private static final Comparator<TransportProvider> BEST_FIRST =
            Comparator.comparingInt(TransportProvider::priority).reversed().thenComparing(TransportProvider::name);

    private static final Providers.Kind<TransportProvider> KIND =
            new Providers.Kind<>(TransportProvider.class, "transport", "transports", TransportProvider.SPI_VERSION);

    private final Providers<TransportProvider> providers;

    private Transports(Providers<TransportProvider> providers) {
        this.providers = providers;
    }

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
        return new Transports(Providers.discover(KIND));
    }

    /** Exactly these transports, for programs that bind them by hand. */
    public static Transports of(Iterable<? extends TransportProvider> providers) {
        return new Transports(Providers.of(KIND, providers));
    }

    /** These and some that a program gives by name; see {@link Providers#with(Map)}. */
    public Transports with(Map<String, ? extends TransportProvider> given) {
        return new Transports(providers.with(given));
    }

    /** These and some that a program gives; see {@link Providers#with(Collection)}. */
    public Transports with(Collection<? extends TransportProvider> given) {
        return new Transports(providers.with(given));
    }

    /** All transports that can be used as far as their version goes, by name. */
    public List<TransportProvider> providers() {
        return List.copyOf(providers.all());
    }

    /** All transports, best first, with what a probe says of each. */
    public List<Candidate> candidates(Function<String, TransportSettings> settings) {
        return providers.all().stream()
                .sorted(BEST_FIRST)
                .map(provider -> new Candidate(provider, provider.availability(settings.apply(provider.name()))))
                .toList();
    }

    /** Providers that could not be used, in words. */
    public List<String> broken() {
        return providers.broken();
    }

    /**
     * Chooses a transport.
     *
     * @param name a transport's name, or {@link #AUTO}
     * @param settings the settings of a transport by its name
     * @throws InvalidConfiguration if there is none of that name; the text lists what there is
     * @throws TransportUnavailable if it does not work here; the text lists the others
     */
    public Candidate choose(String name, Function<String, TransportSettings> settings) {
        return name.equals(AUTO) ? best(settings) : named(name, settings);
    }

    private Candidate named(String name, Function<String, TransportSettings> settings) {
        TransportProvider provider = providers
                .named(name)
                .orElseThrow(() -> new InvalidConfiguration(
                        "there is no transport named " + name + "; " + listing(settings, name)));
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
        return (providers.named(wanted).isPresent() ? "other transports: " : "transports: ")
                + (found.isEmpty() ? "none" : found)
                + providers.unusable();
    }
}
