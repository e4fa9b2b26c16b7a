package io.finemem.runtime.demo;

import io.finemem.spi.transport.TransportSettings;
import io.finemem.spi.transport.Transports;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The transport of a demonstration.
 *
 * @param name of the transport, never {@code auto}
 * @param settings of it
 * @param reason why it is this one, in words
 */
public record ChosenTransport(String name, Map<String, String> settings, String reason) {

    /**
     * Chooses.
     *
     * @throws io.finemem.spi.transport.TransportUnavailable if there is none, or none of that name
     */
    public static ChosenTransport choose(
            Transports transports, String name, Map<String, Map<String, String>> settings) {
        Function<String, TransportSettings> settingsOf = transport ->
                TransportSettings.of("finemem.transport." + transport, settings.getOrDefault(transport, Map.of()));
        Transports.Candidate chosen = transports.choose(name, settingsOf);
        String transport = chosen.provider().name();
        return new ChosenTransport(
                transport,
                settings.getOrDefault(transport, Map.of()),
                name.equals(Transports.AUTO)
                        ? "the best that works here: " + others(transports, transport, settingsOf)
                        : "as asked for");
    }

    private static String others(Transports transports, String chosen, Function<String, TransportSettings> settingsOf) {
        String others = transports.candidates(settingsOf).stream()
                .filter(candidate -> !candidate.provider().name().equals(chosen))
                .map(ChosenTransport::inWords)
                .collect(Collectors.joining("; "));
        return others.isEmpty() ? "there is no other" : others;
    }

    private static String inWords(Transports.Candidate candidate) {
        return candidate.provider().name()
                + (candidate.availability().available() ? " works too, " : " does not, ")
                + candidate.availability().detail();
    }
}
