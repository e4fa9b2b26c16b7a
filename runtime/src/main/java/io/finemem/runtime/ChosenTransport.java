package io.finemem.runtime;

import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.config.TransportChoice;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportUnavailable;
import io.finemem.spi.transport.Transports;

/** Opens the transport that the configuration asks for, never another one. */
final class ChosenTransport {
    private ChosenTransport() {}

    /**
     * Opens it.
     *
     * @throws InvalidConfiguration if there is none of that name; the text lists those there are
     * @throws TransportUnavailable if it does not work here; the text says why
     */
    static Transport open(Transports transports, TransportChoice choice) {
        Transports.Candidate chosen = choose(transports, choice);
        return chosen.provider().open(choice.settingsOf(chosen.provider().name()));
    }

    private static Transports.Candidate choose(Transports transports, TransportChoice choice) {
        try {
            return transports.choose(choice.name(), choice::settingsOf);
        } catch (TransportUnavailable e) {
            boolean known = choice.name().equals(Transports.AUTO)
                    || transports.providers().stream()
                            .anyMatch(provider -> provider.name().equals(choice.name()));
            throw known ? e : new InvalidConfiguration(e, "finemem.transport.name: " + e.getMessage());
        }
    }
}
