package io.finemem.spi.settings;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Host and TCP port that somebody can connect to. Names are not resolved here: that is done at each connect.
 *
 * @param host name, IPv4 address, or IPv6 address without brackets; never a wildcard
 * @param port 1 to 65535
 */
public record NetworkAddress(String host, int port) {
    /** Highest TCP port. */
    public static final int MAXIMUM_PORT = 65_535;

    private static final int NO_PORT = 0;
    private static final Pattern BRACKETED = Pattern.compile("\\[([0-9A-Fa-f:.%A-Za-z]+)](?::(-?\\d{1,9}))?");
    private static final Pattern PLAIN = Pattern.compile("([A-Za-z0-9._-]+)(?::(-?\\d{1,9}))?");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?");

    /** Checks host and port. */
    public NetworkAddress {
        if (!HOST.matcher(host).matches()) {
            throw new IllegalArgumentException("'" + host + "' is not a host name or an IP address");
        }
        if (host.equals("0.0.0.0") || host.equals("::")) {
            throw new IllegalArgumentException(host + " is a wildcard: nobody can connect to it, name one address");
        }
        if (port < 1 || port > MAXIMUM_PORT) {
            throw new IllegalArgumentException("port " + port + " is not within 1 and " + MAXIMUM_PORT);
        }
    }

    /**
     * Reads {@code host:port} or {@code [IPv6]:port}.
     *
     * @throws IllegalArgumentException if the text has another form, a wildcard or a port out of range
     */
    public static NetworkAddress parse(String text) {
        return parse(text, NO_PORT);
    }

    /** Reads {@code host:port}, {@code host}, {@code [IPv6]:port} or {@code [IPv6]}. */
    public static NetworkAddress parse(String text, int defaultPort) {
        Matcher matcher = (text.startsWith("[") ? BRACKETED : PLAIN).matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(reason(text));
        }
        String port = matcher.group(2);
        if (port == null && defaultPort == NO_PORT) {
            throw new IllegalArgumentException("'" + text + "' has no port");
        }
        return new NetworkAddress(matcher.group(1), port == null ? defaultPort : Integer.parseInt(port));
    }

    private static String reason(String text) {
        if (text.contains("://")) {
            return "a URL is not an address";
        }
        boolean bareIpv6 = !text.startsWith("[") && text.indexOf(':') != text.lastIndexOf(':');
        return "'" + text + "' is not host:port" + (bareIpv6 ? "; write an IPv6 address in brackets" : "");
    }

    /** {@code host:port}, with brackets around an IPv6 address. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
