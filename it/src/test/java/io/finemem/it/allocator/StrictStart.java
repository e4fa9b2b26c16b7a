package io.finemem.it.allocator;

import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.TransportSettings;
import java.util.Locale;
import java.util.ServiceLoader;

/**
 * Measures how long a memory node in strict isolation takes to start, and what it needs. Run by hand; arguments: transport,
 * MiB of the pool; anything else behind them: in direct isolation, which makes no windows.
 */
final class StrictStart {
    private StrictStart() {}

    public static void main(String[] arguments) {
        TransportProvider provider = ServiceLoader.load(TransportProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(found -> found.name().equals(arguments[0]))
                .findFirst()
                .orElseThrow();
        long bytes = Long.parseLong(arguments[1]) << 20;
        MemoryNodeOptions options = MemoryNodeOptions.of("node", bytes)
                .withIsolation(arguments.length > 2 ? Isolation.DIRECT : Isolation.STRICT);
        try (Transport transport = provider.open(TransportSettings.empty())) {
            System.out.printf(
                    Locale.ROOT, "%d windows%n", transport.capabilities().maxWindows());
            long start = System.nanoTime();
            try (MemoryNode node = MemoryNode.open(transport, options)) {
                double seconds = (System.nanoTime() - start) / 1e9;
                System.gc();
                Runtime java = Runtime.getRuntime();
                System.out.printf(
                        Locale.ROOT,
                        "started in %.2f s, Java heap %d MiB, metadata %.3f %%, %d violations%n",
                        seconds,
                        java.totalMemory() - java.freeMemory() >> 20,
                        100 * node.metadataRatio(),
                        node.audit().violations().size());
                start = System.nanoTime();
            }
            System.out.printf(Locale.ROOT, "closed in %.2f s%n", (System.nanoTime() - start) / 1e9);
        }
    }
}
