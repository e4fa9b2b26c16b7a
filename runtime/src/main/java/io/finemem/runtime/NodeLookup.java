package io.finemem.runtime;

import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.config.DirectoryConfig;
import io.finemem.runtime.config.MemoryNodeAddress;
import io.finemem.spi.coordination.MemoryNodeEntry;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Supplier;

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
        try (Directory directory = Directory.open(known.coordination(), known.memoryNodes())) {
            Collection<MemoryNodeEntry> nodes =
                    directory.coordination().view().memoryNodes().values();
            Optional<MemoryNodeEntry> found =
                    nodes.stream().filter(node -> node.name().equals(wanted)).findFirst();
            if (found.isPresent()) {
                return MemoryNodeAddress.of(found.get());
            }
            String where = known.coordination().listed()
                    ? "finemem.client.memory-nodes"
                    : directory.coordination().status().detail();
            String names = String.join(
                    ", ", nodes.stream().map(MemoryNodeEntry::name).toList());
            throw new InvalidConfiguration("there is no memory node named " + wanted + " in " + where
                    + "; there are: " + (names.isEmpty() ? "none" : names) + "; HOST:PORT works without the list");
        }
    }
}
