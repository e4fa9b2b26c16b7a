package io.finemem.runtime;

import io.finemem.api.FineMemException;
import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.config.TransportChoice;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportUnavailable;
import io.finemem.spi.transport.Transports;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the transport that the configuration asks for, never another one. */
final class ChosenTransport {
    private static final Logger LOG = LoggerFactory.getLogger(ChosenTransport.class);

    private ChosenTransport() {}

    /**
     * Opens it.
     *
     * @throws InvalidConfiguration if there is none of that name, or a setting of it is not valid
     * @throws TransportUnavailable if it does not work here; the text says why
     */
    static Transport open(Transports transports, TransportChoice choice) {
        try {
            Transports.Candidate chosen = transports.choose(choice.name(), choice::settingsOf);
            return chosen.provider().open(choice.settingsOf(chosen.provider().name()));
        } catch (TransportUnavailable e) {
            throw choice.name().equals(Transports.AUTO) ? e : explained(e, transports, choice);
        }
    }

    /** A transport that was named and does not work: a mistake in its settings is told as such. */
    private static FineMemException explained(TransportUnavailable e, Transports transports, TransportChoice choice) {
        Optional<TransportProvider> provider = transports.providers().stream()
                .filter(candidate -> candidate.name().equals(choice.name()))
                .findFirst();
        if (provider.isEmpty()) {
            return new InvalidConfiguration(e, "finemem.transport.name: " + e.getMessage());
        }
        try (Transport unexpected = provider.get().open(choice.settingsOf(choice.name()))) {
            LOG.warn("transport {} opens though it says that it does not work here", unexpected.description());
            return e;
        } catch (InvalidConfiguration mistake) {
            return mistake;
        } catch (FineMemException other) {
            e.addSuppressed(other);
            return e;
        }
    }
}
