package io.finemem.runtime.soak;

import io.finemem.api.ProtocolViolation;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.spi.transport.Transports;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the processes reach each other; sent to each as one line on its standard input, so that the secret is in no command
 * line.
 *
 * @param transport name of the transport
 * @param settings of the transport
 * @param secret that the processes share, in Base64
 */
record Fabric(String transport, Map<String, String> settings, String secret) {
    private static final String NEXT = "\t";
    private static final char IS = '=';

    Transport open() {
        TransportSettings chosen = TransportSettings.of("finemem.transport." + transport, settings);
        return Transports.discover()
                .choose(transport, name -> chosen)
                .provider()
                .open(chosen);
    }

    PresharedSecret key() {
        return PresharedSecret.of(Base64.getDecoder().decode(secret));
    }

    String line() {
        StringBuilder line = new StringBuilder(transport).append(NEXT).append(secret);
        settings.forEach(
                (key, value) -> line.append(NEXT).append(key).append(IS).append(value));
        return line.toString();
    }

    static Fabric parse(String line) {
        String[] parts = line.split(NEXT);
        if (parts.length < 2) {
            throw new ProtocolViolation("the parent did not say how the processes reach each other");
        }
        Map<String, String> settings = new TreeMap<>();
        for (int i = 2; i < parts.length; i++) {
            int is = parts[i].indexOf(IS);
            settings.put(parts[i].substring(0, is), parts[i].substring(is + 1));
        }
        return new Fabric(parts[0], settings, parts[1]);
    }

    /** Text form without the secret. */
    @Override
    public String toString() {
        return "fabric{" + transport + " " + settings + "}";
    }
}
