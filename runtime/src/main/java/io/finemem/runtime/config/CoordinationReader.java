package io.finemem.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.coordination.CoordinationProvider;
import io.finemem.spi.coordination.CoordinationProviders;
import io.finemem.spi.coordination.StaticCoordinationProvider;
import io.finemem.spi.settings.NetworkAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads how memory nodes and clients find each other. Not thread-safe. */
final class CoordinationReader {
    private static final String PROVIDER = CoordinationChoice.SECTION + ".provider";
    private static final String MEMORY_NODES = FineMemConfig.ROOT + ".client.memory-nodes";
    private static final String ADVERTISE = FineMemConfig.ROOT + ".memory-node.advertise";
    private static final String LISTEN_HOST = FineMemConfig.ROOT + ".memory-node.listen.host";

    private final Config config;
    private final ConfigMistakes mistakes;
    private final ConfigReader reader;
    private final CoordinationProviders providers;

    CoordinationReader(Config config, ConfigMistakes mistakes, CoordinationProviders providers) {
        this.providers = providers;
        this.config = config;
        this.mistakes = mistakes;
        this.reader = new ConfigReader(config, mistakes);
    }

    /** Keys of each directory, by the name of its section. The static one has its list elsewhere. */
    Map<String, Set<String>> keys() {
        return providers.all().stream()
                .filter(provider -> !provider.name().equals(StaticCoordinationProvider.NAME))
                .collect(Collectors.toMap(CoordinationProvider::name, CoordinationProvider::settingKeys));
    }

    /** The directory, its settings checked without asking it. */
    CoordinationChoice choice() {
        String name = reader.text(PROVIDER);
        Optional<CoordinationProvider> provider = providers.all().stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst();
        if (provider.isEmpty()) {
            reader.invalid(PROVIDER, String.join(" or ", names()));
            return CoordinationChoice.list();
        }
        Map<String, String> values = PluginSection.values(config, CoordinationChoice.SECTION + "." + name);
        values.keySet().retainAll(provider.get().settingKeys()); // others are mistakes that are noted already
        CoordinationChoice choice = new CoordinationChoice(name, values);
        if (!choice.listed()) {
            try {
                provider.get().check(choice.settings());
            } catch (InvalidConfiguration e) {
                mistakes.add(String.valueOf(e.getMessage()));
            }
        }
        return choice;
    }

    private Set<String> names() {
        Set<String> names = new TreeSet<>(keys().keySet());
        names.add(StaticCoordinationProvider.NAME);
        return names;
    }

    /** Those of the configuration: at least one, unless a directory finds them. */
    List<MemoryNodeAddress> memoryNodes() {
        ConfigValue value = reader.value(MEMORY_NODES, MemoryNodeList.FORM);
        boolean empty = value instanceof ConfigList list && list.isEmpty();
        String provider = reader.text(PROVIDER);
        if (provider.equals(StaticCoordinationProvider.NAME)) {
            return new MemoryNodeList(config, mistakes).read(MEMORY_NODES);
        }
        if (value != null && !empty) {
            reader.invalid(
                    MEMORY_NODES, "empty with " + PROVIDER + " = " + provider + ", which finds the memory nodes");
        }
        return List.of();
    }

    /** Those of the configuration, for tools that can do without. */
    DirectoryConfig directory() {
        ConfigValue value = reader.value(MEMORY_NODES, MemoryNodeList.FORM);
        boolean empty = value instanceof ConfigList list && list.isEmpty();
        return new DirectoryConfig(choice(), empty ? List.of() : memoryNodes());
    }

    /** What the directory tells clients; empty: where the control channel listens. */
    String advertised(CoordinationChoice choice, InetSocketAddress listen) {
        String text = reader.text(ADVERTISE);
        boolean wildcard = listen.getAddress() != null && listen.getAddress().isAnyLocalAddress();
        if (text.isBlank()) {
            if (wildcard && !choice.listed()) {
                mistakes.missing(
                        ADVERTISE,
                        "the address that clients reach this memory node at, since " + LISTEN_HOST
                                + " is all addresses of this machine");
            }
            return "";
        }
        try {
            NetworkAddress.parse(text.trim(), NetworkAddress.MAXIMUM_PORT);
        } catch (IllegalArgumentException e) {
            reader.invalid(ADVERTISE, "host or host:port that clients can connect to, such as 10.0.0.1");
        }
        return text.trim();
    }
}
