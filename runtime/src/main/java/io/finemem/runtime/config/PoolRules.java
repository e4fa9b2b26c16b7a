package io.finemem.runtime.config;

import io.finemem.spi.settings.NetworkAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What several memory nodes of one daemon must not share. Not thread-safe. */
final class PoolRules {
    private static final String AUTO = "auto";

    private final ConfigMistakes mistakes;
    private final List<Checked> others = new ArrayList<>();

    private record Checked(PoolSections.Part part, MemoryNodeConfig node) {}

    PoolRules(ConfigMistakes mistakes) {
        this.mistakes = mistakes;
    }

    /** Compares one more with those before. */
    void check(PoolSections.Part part, MemoryNodeConfig node) {
        for (Checked other : others) {
            String of = "that of " + other.part.path();
            if (other.node.pool().name().equals(node.pool().name())) {
                different(part, "name", node.pool().name(), of);
            }
            if (samePlace(other.node.listen(), node.listen())) {
                different(part, "listen.port", Integer.toString(node.listen().getPort()), of + ", or 0 for a free one");
            }
            NetworkAddress reached = advertised(node);
            if (reached != null && reached.equals(advertised(other.node))) {
                different(part, "advertise", node.advertise(), of);
            }
        }
        others.add(new Checked(part, node));
    }

    private void different(PoolSections.Part part, String key, String value, String of) {
        mistakes.add(part.pathOf(key) + " = " + value + " is not valid: " + part.path() + " must have another one than "
                + of);
    }

    /** After all were checked: each has a device of its own choice, and there is memory for all. */
    void checkTogether(boolean devices, long machineBytes) {
        if (devices && others.size() > 1) {
            others.forEach(this::requireDevice);
        }
        long bytes =
                others.stream().mapToLong(other -> other.node.pool().bytes()).sum();
        if (bytes > machineBytes) {
            mistakes.add(PoolSections.POOLS + " is not valid: the pools have " + (bytes >> 20)
                    + "MiB together, and must have at most the memory of this machine, " + (machineBytes >> 20)
                    + "MiB");
        }
    }

    private void requireDevice(Checked pool) {
        TransportChoice transport = pool.node.transport();
        String device =
                transport.settings().getOrDefault(transport.name(), Map.of()).getOrDefault(PoolSections.DEVICE, "");
        if (device.isBlank() || device.equals(AUTO)) {
            mistakes.missing(
                    pool.part.path() + "." + PoolSections.DEVICE,
                    "the device of this pool: there are several pools, and all would take the same one");
        }
    }

    private static boolean samePlace(InetSocketAddress one, InetSocketAddress other) {
        return one.getPort() != 0
                && one.getPort() == other.getPort()
                && (one.getHostString().equals(other.getHostString())
                        || wildcard(one.getAddress())
                        || wildcard(other.getAddress()));
    }

    private static boolean wildcard(@Nullable InetAddress address) {
        return address != null && address.isAnyLocalAddress();
    }

    /** Null if it is not told: then it is where the control channel listens. */
    private static @Nullable NetworkAddress advertised(MemoryNodeConfig node) {
        int port = node.listen().getPort();
        return node.advertise().isEmpty() || port == 0 && !node.advertise().contains(":")
                ? null
                : NetworkAddress.parse(node.advertise(), Math.max(port, 1));
    }
}
