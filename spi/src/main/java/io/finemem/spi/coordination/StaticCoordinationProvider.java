package io.finemem.spi.coordination;

import io.finemem.api.InvalidConfiguration;
import io.finemem.api.InvalidRequest;
import io.finemem.spi.settings.NetworkAddress;
import io.finemem.spi.transport.Availability;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The directory that needs no server: a list of memory nodes in the configuration. It is the default, and stands
 * beside the interfaces so that it is there wherever they are.
 *
 * <p>Keys: {@code memory-nodes}, a list separated by commas of {@code name=host:port} or {@code host:port} (the
 * address is then the name).
 */
public final class StaticCoordinationProvider implements CoordinationProvider {
    /** Its name. */
    public static final String NAME = "static";

    private static final String MEMORY_NODES = "memory-nodes";

    /** Made by {@link java.util.ServiceLoader}. */
    public StaticCoordinationProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    @Override
    public String summary() {
        return "memory nodes listed in the configuration; no server, no registration";
    }

    @Override
    public Set<String> settingKeys() {
        return Set.of(MEMORY_NODES);
    }

    @Override
    public void check(CoordinationSettings settings) {
        nodes(settings);
    }

    @Override
    public Availability availability(CoordinationSettings settings) {
        try {
            return Availability.available(nodes(settings).size() + " memory nodes listed");
        } catch (InvalidConfiguration e) {
            return Availability.unavailable(String.valueOf(e.getMessage()), "correct the list of memory nodes");
        }
    }

    @Override
    public Coordination open(CoordinationSettings settings) {
        return new StaticCoordination(nodes(settings));
    }

    private SortedMap<String, MemoryNodeEntry> nodes(CoordinationSettings settings) {
        settings.requireKnown(settingKeys());
        List<MemoryNodeEntry> listed = settings.list(
                MEMORY_NODES, "", "name=host:port, separated by commas", StaticCoordinationProvider::node);
        SortedMap<String, MemoryNodeEntry> byName = new TreeMap<>();
        TreeMap<NetworkAddress, String> byAddress = new TreeMap<>(Comparator.comparing(NetworkAddress::toString));
        for (MemoryNodeEntry node : listed) {
            refuseIfListed(settings, node.name(), byName.putIfAbsent(node.name(), node));
            refuseIfListed(
                    settings, node.controlAddress().toString(), byAddress.put(node.controlAddress(), node.name()));
        }
        return byName;
    }

    private static void refuseIfListed(CoordinationSettings settings, String what, @Nullable Object before) {
        if (before != null) {
            throw new InvalidConfiguration(settings.path(MEMORY_NODES) + " lists " + what
                    + " twice; each memory node has its own name and address");
        }
    }

    private static MemoryNodeEntry node(String text) {
        int equals = text.indexOf('=');
        String name = equals < 0 ? text : text.substring(0, equals).trim();
        NetworkAddress address = NetworkAddress.parse(text.substring(equals + 1).trim());
        try {
            return new MemoryNodeEntry(name, address, 0, "", 0, MemoryNodeState.SERVING);
        } catch (InvalidRequest e) {
            throw new IllegalArgumentException(
                    "'" + name + "' is not a name of 1 to 64 characters A-Z a-z 0-9 . _ : @ -", e);
        }
    }
}
