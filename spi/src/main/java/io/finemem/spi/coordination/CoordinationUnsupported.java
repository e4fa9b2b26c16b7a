package io.finemem.spi.coordination;

import io.finemem.api.InvalidConfiguration;
import java.util.Locale;

/**
 * The configured provider cannot do this, as its {@linkplain Coordination#features() features} say. Nothing was
 * changed.
 */
public class CoordinationUnsupported extends InvalidConfiguration {
    private static final long serialVersionUID = 1L;

    /** Names the provider and what it lacks. */
    public CoordinationUnsupported(String provider, CoordinationFeature feature, String remedy) {
        super("coordination by " + provider + " has no " + feature.name().toLowerCase(Locale.ROOT) + "; " + remedy);
    }
}
