package io.finemem.runtime.config;

import io.finemem.runtime.numa.NumaNodes;
import io.finemem.runtime.numa.NumaPlacement;
import io.finemem.runtime.numa.NumaWish;
import java.util.Optional;

/** Reads {@code numa-node}: auto, none, or the number of a node that this machine has. */
final class NumaReader {
    private NumaReader() {}

    static NumaWish read(ConfigReader reader, String path) {
        NumaNodes nodes = NumaNodes.ofThisMachine();
        String text = reader.text(path, value -> wish(value, nodes).isPresent(), NumaPlacement.allowed(nodes), "none");
        return wish(text, nodes).orElse(NumaWish.NONE);
    }

    private static Optional<NumaWish> wish(String text, NumaNodes nodes) {
        if (text.equals("auto") || text.equals("none")) {
            return Optional.of(text.equals("auto") ? NumaWish.AUTO : NumaWish.NONE);
        }
        return text.matches("\\d{1,5}") && nodes.withMemory().contains(Integer.parseInt(text))
                ? Optional.of(NumaWish.of(Integer.parseInt(text)))
                : Optional.empty();
    }
}
