package io.finemem.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.transport.TransportProvider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** Reads the memory nodes of one daemon. Not thread-safe. */
final class PoolsReader {
    private static final String TRANSPORT = FineMemConfig.ROOT + ".transport.name";

    private final Config config;
    private final Collection<TransportProvider> transports;
    private final long machineBytes;

    PoolsReader(Config config, Collection<TransportProvider> transports, long machineBytes) {
        this.config = config;
        this.transports = transports;
        this.machineBytes = machineBytes;
    }

    /**
     * All of them, at least one.
     *
     * @param one reads a configuration of one memory node
     * @throws InvalidConfiguration with a line for each mistake
     */
    List<MemoryNodeConfig> read(Function<Config, MemoryNodeConfig> one) {
        ConfigMistakes mistakes = new ConfigMistakes();
        List<PoolSections.Part> parts = new PoolSections(
                        config,
                        ConfigFactory.defaultReference(PoolsReader.class.getClassLoader())
                                .getObject(PoolSections.SECTION),
                        this::hasDevices,
                        mistakes)
                .split();
        if (parts.isEmpty() && !mistakes.any()) {
            return List.of(one.apply(config));
        }
        List<MemoryNodeConfig> nodes = new ArrayList<>();
        PoolRules rules = new PoolRules(mistakes);
        for (PoolSections.Part part : parts) {
            try {
                MemoryNodeConfig node = one.apply(part.config());
                rules.check(part, node);
                nodes.add(node);
            } catch (InvalidConfiguration e) {
                String.valueOf(e.getMessage()).lines().map(part::renamed).forEach(mistakes::add);
            }
        }
        if (nodes.size() == parts.size()) {
            rules.checkTogether(hasDevices(config.getString(TRANSPORT)), machineBytes);
        }
        mistakes.throwIfAny();
        return nodes;
    }

    private boolean hasDevices(String transport) {
        return transports.stream()
                .anyMatch(provider -> provider.name().equals(transport)
                        && provider.settingKeys().contains(PoolSections.DEVICE));
    }
}
