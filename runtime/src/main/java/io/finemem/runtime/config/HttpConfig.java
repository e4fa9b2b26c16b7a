package io.finemem.runtime.config;

import com.typesafe.config.Config;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The HTTP endpoint of a daemon.
 *
 * @param listen where it listens, port 0 for a free one; empty if it is off
 */
public record HttpConfig(Optional<InetSocketAddress> listen) {
    /** There is none. */
    public static final HttpConfig OFF = new HttpConfig(Optional.empty());

    private static final String SECTION = FineMemConfig.ROOT + ".http.";
    private static final String NO_PORT = "off";
    private static final Pattern DIGITS = Pattern.compile("\\d{1,5}");
    private static final int MAX_PORT = 65535;

    static HttpConfig read(Config config, ConfigMistakes mistakes) {
        ConfigReader reader = new ConfigReader(config, mistakes);
        String host = reader.text(SECTION + "host", text -> !text.isBlank(), "an address of this machine", "127.0.0.1");
        String port = reader.text(
                SECTION + "port", HttpConfig::valid, "off, or a whole number from 0 to " + MAX_PORT, NO_PORT);
        return port.equals(NO_PORT)
                ? OFF
                : new HttpConfig(Optional.of(new InetSocketAddress(host, Integer.parseInt(port))));
    }

    private static boolean valid(String port) {
        return port.equals(NO_PORT) || DIGITS.matcher(port).matches() && Integer.parseInt(port) <= MAX_PORT;
    }
}
