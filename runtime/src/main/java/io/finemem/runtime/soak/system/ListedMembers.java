package io.finemem.runtime.soak.system;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;
import io.finemem.runtime.ClusterAccess;
import io.finemem.runtime.config.CoordinationChoice;
import io.finemem.runtime.config.DirectoryConfig;
import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.MemoryNodeState;
import io.finemem.spi.coordination.OwnerState;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.LoggerFactory;

/** Who has to be in the directory, looked up as anybody would who comes anew. */
final class ListedMembers {
    private static final String PROVIDER = "redis";
    private static final String SECTION = "finemem.coordination.";

    /** Of this process only. */
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger("io.finemem.coordination.redis");

    private final DirectoryConfig config;
    private final List<String> nodes;
    private final List<String> owners;

    ListedMembers(Map<String, String> settings, int nodes, int services) {
        LOGGER.setLevel(
                Level.ERROR); // at each look it would be told that there is no TLS, and during an outage about that
        config = new DirectoryConfig(new CoordinationChoice(PROVIDER, settings), List.of());
        this.nodes = IntStream.range(0, nodes).mapToObj(SystemLayout::nodeName).toList();
        owners =
                IntStream.range(0, services).mapToObj(SystemLayout::serviceName).toList();
    }

    /** The settings as keys of a configuration. */
    static Map<String, Object> keys(Map<String, String> settings) {
        Map<String, Object> keys = settings.entrySet().stream()
                .collect(Collectors.toMap(
                        setting -> SECTION + PROVIDER + "." + setting.getKey(), Map.Entry<String, String>::getValue));
        keys.put(SECTION + "provider", PROVIDER);
        return keys;
    }

    /** Whether all memory nodes serve and all services live, as the directory says. */
    boolean complete() {
        try (ClusterAccess cluster = ClusterAccess.open(config)) {
            ClusterView view = cluster.coordination().view();
            return nodes.stream().allMatch(name -> view.memoryNode(name)
                            .filter(node -> node.state() == MemoryNodeState.SERVING)
                            .isPresent())
                    && owners.stream().allMatch(name -> view.owners().values().stream()
                            .anyMatch(
                                    owner -> owner.identity().name().equals(name) && owner.state() == OwnerState.LIVE));
        } catch (FineMemException e) {
            if (e.code().category() == ErrorCode.Category.REMOTE) {
                return false; // not there yet
            }
            throw e;
        }
    }
}
