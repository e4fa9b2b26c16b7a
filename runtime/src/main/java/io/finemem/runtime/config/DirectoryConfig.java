package io.finemem.runtime.config;

import java.util.List;

/**
 * How to find memory nodes.
 *
 * @param coordination the directory
 * @param memoryNodes those listed in the configuration; empty if a directory finds them
 */
public record DirectoryConfig(CoordinationChoice coordination, List<MemoryNodeAddress> memoryNodes) {

    /** Takes a copy of the list. */
    public DirectoryConfig {
        memoryNodes = List.copyOf(memoryNodes);
    }
}
