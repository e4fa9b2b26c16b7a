package io.finemem.runtime;

import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.config.DirectoryConfig;
import io.finemem.runtime.config.MemoryNodeAddress;
import io.finemem.spi.coordination.Coordination;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Finds the memory node that somebody names on a command line. */
public final class NodeLookup {
    private NodeLookup() {}

    /**
     * The address of a memory node.
     *
     * @param wanted HOST:PORT, whose name is then empty, or the name of a node that the configuration or the directory lists
     * @param config asked for only if it is a name
     * @throws InvalidConfiguration if it is neither
     * @throws io.finemem.spi.coordination.CoordinationUnavailable if the directory cannot be reached
     */
    public static MemoryNodeAddress find(String wanted, Supplier<DirectoryConfig> config) {
        if (wanted.contains(":")) {
            return MemoryNodeAddress.parse("", wanted)
                    .orElseThrow(() -> new InvalidConfiguration(
                            "the address " + wanted + " is not valid: it must be " + MemoryNodeAddress.FORM));
        }
        DirectoryConfig known = config.get();
        return known.coordination().listed()
                ? named(wanted, known.memoryNodes(), "finemem.client.memory-nodes")
                : inDirectory(wanted, known);
    }

    private static MemoryNodeAddress inDirectory(String wanted, DirectoryConfig known) {
        try (Directory directory = Directory.open(known.coordination(), known.memoryNodes())) {
            Coordination coordination = directory.coordination();
            List<MemoryNodeAddress> nodes = coordination.view().memoryNodes().values().stream()
                    .map(MemoryNodeAddress::of)
                    .toList();
            return named(wanted, nodes, coordination.status().detail());
        }
    }

    private static MemoryNodeAddress named(String wanted, List<MemoryNodeAddress> known, String where) {
        return known.stream()
                .filter(node -> node.name().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new InvalidConfiguration("there is no memory node named " + wanted + " in " + where
                        + "; there are: "
                        + (known.isEmpty()
                                ? "none"
                                : known.stream().map(MemoryNodeAddress::name).collect(Collectors.joining(", ")))
                        + "; HOST:PORT works without the list"));
    }
}
