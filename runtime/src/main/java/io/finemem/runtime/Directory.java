package io.finemem.runtime;

import io.finemem.runtime.config.CoordinationChoice;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.config.MemoryNodeAddress;
import io.finemem.spi.coordination.ClusterEvent;
import io.finemem.spi.coordination.ClusterListener;
import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationProviders;
import io.finemem.spi.coordination.CoordinationSettings;
import io.finemem.spi.coordination.CoordinationStatus;
import io.finemem.spi.coordination.CoordinationUnavailable;
import io.finemem.spi.coordination.Subscription;
import io.finemem.spi.settings.NetworkAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * This process's access to the directory of the configuration; a list in the configuration is one that never changes. The provider
 * logs the begin and the end of an outage, and they are noted here; memory in use is not affected by one.
 *
 * <p>All methods may be called by any thread.
 */
final class Directory implements ClusterListener, AutoCloseable {
    private final Coordination coordination;
    private final DirectoryOutages outages;

    private Directory(Coordination coordination, DirectoryOutages outages) {
        this.coordination = coordination;
        this.outages = outages;
    }

    /**
     * Connects.
     *
     * @param listed the memory nodes, if the configuration lists them
     * @throws CoordinationUnavailable if the directory cannot be reached
     * @throws io.finemem.api.AuthenticationFailed if it refuses the user
     */
    static Directory open(CoordinationChoice choice, List<MemoryNodeAddress> listed) {
        return open(CoordinationProviders.discover(), choice, listed, new DirectoryOutages());
    }

    /** The same with these providers, and where outages are noted. */
    static Directory open(
            CoordinationProviders providers,
            CoordinationChoice choice,
            List<MemoryNodeAddress> listed,
            DirectoryOutages outages) {
        CoordinationSettings settings = choice.listed() ? list(listed) : choice.settings();
        Directory directory = new Directory(providers.named(choice.provider()).open(settings), outages);
        directory.coordination.watch(directory);
        directory.noteStatus();
        return directory;
    }

    /** What happened before it was watched. A change meanwhile is told to the listener, or seen here. */
    private void noteStatus() {
        outages.back();
        if (coordination.status().state() == CoordinationStatus.State.DISCONNECTED) {
            outages.lost();
            if (coordination.status().connected()) {
                outages.back();
            }
        }
    }

    /** Nobody is there but this process. */
    static Directory empty() {
        return open(CoordinationChoice.list(), List.of());
    }

    private static CoordinationSettings list(List<MemoryNodeAddress> nodes) {
        String text = nodes.stream()
                .map(node -> node.name() + "=" + new NetworkAddress(node.host(), node.port()))
                .collect(Collectors.joining(","));
        return CoordinationSettings.of(
                FineMemConfig.ROOT + ".client", text.isEmpty() ? Map.of() : Map.of("memory-nodes", text));
    }

    Coordination coordination() {
        return coordination;
    }

    /** When it was away. */
    DirectoryOutages outages() {
        return outages;
    }

    @Override
    public void changed(ClusterView view, List<ClusterEvent> events) {}

    @Override
    public void statusChanged(CoordinationStatus status) {
        if (status.state() == CoordinationStatus.State.DISCONNECTED) {
            outages.lost();
        } else if (status.connected()) {
            outages.back();
        }
    }

    /**
     * The memory nodes that serve, once there are some.
     *
     * @throws CoordinationUnavailable if there are none until then
     */
    List<MemoryNodeAddress> serving(Duration patience) {
        CountDownLatch some = new CountDownLatch(1);
        ClusterListener counter = (view, events) -> {
            if (!view.serving().isEmpty()) {
                some.countDown();
            }
        };
        Subscription subscription = coordination.watch(counter);
        try {
            if (some.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                return coordination.view().serving().stream()
                        .map(MemoryNodeAddress::of)
                        .toList();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            subscription.close();
        }
        throw new CoordinationUnavailable(
                "the directory lists no memory node that serves: start one with the same directory and prefix",
                "directory",
                coordination.status().detail());
    }

    @Override
    public void close() {
        coordination.close();
    }
}
