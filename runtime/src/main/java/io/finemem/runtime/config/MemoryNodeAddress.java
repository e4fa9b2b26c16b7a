package io.finemem.runtime.config;

import io.finemem.spi.coordination.MemoryNodeEntry;
import io.finemem.spi.coordination.MemoryNodeState;
import io.finemem.spi.settings.NetworkAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a memory node is.
 *
 * @param name that the memory node must answer with
 * @param host name or address
 * @param port of its control channel, 1 to 65535
 */
public record MemoryNodeAddress(String name, String host, int port) {
    /** How an address is written. */
    public static final String FORM = "host:port with a port from 1 to 65535, such as 10.0.0.1:7471 or [fe80::1]:7471";

    private static final Pattern PATTERN = Pattern.compile("(?:\\[([0-9a-fA-F:.%]+)]|([^\\[\\]:\\s/]+)):([0-9]{1,5})");
    private static final int MAX_PORT = 65535;

    /** The address to connect to; unresolved if there is no such host. */
    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(host, port);
    }

    /** The node as a directory lists it. */
    public MemoryNodeEntry entry() {
        return new MemoryNodeEntry(name, new NetworkAddress(host, port), 0, "", 0, MemoryNodeState.SERVING);
    }

    /** Where a directory lists a node. */
    public static MemoryNodeAddress of(MemoryNodeEntry node) {
        NetworkAddress address = node.controlAddress();
        return new MemoryNodeAddress(node.name(), address.host(), address.port());
    }

    @Override
    public String toString() {
        return name + "@" + host + ":" + port;
    }

    public static Optional<MemoryNodeAddress> parse(String name, String address) {
        Matcher matcher = PATTERN.matcher(address);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        int port = Integer.parseInt(matcher.group(3));
        return port < 1 || port > MAX_PORT ? Optional.empty() : Optional.of(new MemoryNodeAddress(name, host, port));
    }
}
