package io.finemem.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import io.finemem.allocator.layout.Geometry;
import io.finemem.service.client.ServiceClientOptions;
import io.finemem.service.ipc.Affinity;
import io.finemem.service.ipc.Peer;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.service.ipc.UnixSocket;
import io.finemem.service.server.AccessRules;
import io.finemem.service.server.ServiceOptions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code finemem.service}, for the service and for its clients. Not thread-safe. */
final class ServiceReader {
    private static final String SECTION = FineMemConfig.ROOT + ".service.";
    private static final Path SOMEWHERE = Path.of("/");
    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(10);
    private static final int MAX_SESSIONS = 4096;
    private static final int MAX_DATA_CONNECTIONS = 1 << 16;
    private static final int MAX_THREADS = 64;
    private static final String NO_STATE = "none";
    private static final String UIDS = "a list of user ids, such as [ 1001, 1002 ]";
    private static final Pattern GROUP = Pattern.compile("([A-Za-z0-9_][A-Za-z0-9._-]{0,63})?");
    private static final String GIDS = "a list of group ids, such as [ 100 ]";
    private static final String PROCESSORS = "a list of processor numbers, such as [ 2, 3 ]";

    private final Config config;
    private final ConfigMistakes mistakes;
    private final ConfigReader reader;

    ServiceReader(Config config, ConfigMistakes mistakes) {
        this.config = config;
        this.mistakes = mistakes;
        this.reader = new ConfigReader(config, mistakes);
    }

    ServiceOptions options() {
        return new ServiceOptions(
                socket(),
                access(),
                new QuotaReader(config, mistakes).read(SECTION),
                new LabelReader(config, mistakes).labelRules(SECTION + "labels"),
                reader.integer(SECTION + "applications", 1, MAX_SESSIONS),
                reader.integer(SECTION + "mailboxes", 1, SegmentLayout.MAX_MAILBOXES),
                reader.integer(SECTION + "data-connections", 1, MAX_DATA_CONNECTIONS),
                reader.integer(SECTION + "threads", 1, MAX_THREADS),
                numbers(SECTION + "processors", PROCESSORS, Affinity.MAX_PROCESSORS - 1),
                reader.duration(SECTION + "spin", Duration.ZERO),
                reader.duration(SECTION + "request-timeout", SHORTEST_TIMEOUT),
                reader.duration(SECTION + "reattach-grace", Duration.ZERO));
    }

    Duration startTimeout() {
        return reader.duration(SECTION + "start-timeout", Duration.ZERO);
    }

    private enum WhenStopped {
        KEEP_SESSIONS,
        END_SESSIONS
    }

    ServiceRestart restart() {
        String allowed =
                "an absolute path, such as /var/lib/finemem/service, or empty for PATH.state beside the socket, or "
                        + NO_STATE + " for sessions that end with the service";
        String text = reader.text(SECTION + "state-directory", ServiceReader::usableDirectory, allowed, NO_STATE);
        boolean keep =
                reader.choice(SECTION + "when-stopped", List.of(WhenStopped.values())) == WhenStopped.KEEP_SESSIONS;
        if (text.equals(NO_STATE)) {
            return new ServiceRestart(Optional.empty(), false);
        }
        Path socket = socket();
        return new ServiceRestart(Optional.of(text.isEmpty() ? Path.of(socket + ".state") : Path.of(text)), keep);
    }

    private static boolean usableDirectory(String text) {
        try {
            return text.isEmpty() || text.equals(NO_STATE) || Path.of(text).isAbsolute();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** How the service allocates: as a client does, but for what it claims ahead. */
    AllocationConfig allocation(AllocationConfig client) {
        int runAhead = reader.integer(SECTION + "run-ahead", 0, Geometry.CHUNKS_PER_SPAN);
        return new AllocationConfig(
                client.workers(),
                client.operationTimeout(),
                client.contention(),
                runAhead,
                client.async(),
                client.data(),
                client.placement());
    }

    ServiceClientOptions client(String name, AllocationConfig allocation) {
        Set<Integer> trusted = new HashSet<>(numbers(SECTION + "trusted-uids", UIDS, Integer.MAX_VALUE));
        trusted.add(0);
        trusted.add(Peer.ownUid());
        return new ServiceClientOptions(
                socket(),
                name,
                Math.min(allocation.workers(), SegmentLayout.MAX_MAILBOXES),
                trusted,
                reader.duration(SECTION + "client-spin", Duration.ZERO),
                reader.duration(FineMemConfig.ROOT + ".client.connect-timeout", SHORTEST_TIMEOUT),
                reader.duration(SECTION + "reattach-timeout", Duration.ZERO),
                allocation.operationTimeout(),
                allocation.data());
    }

    private Path socket() {
        String allowed = "an absolute path of at most 107 bytes, such as /run/finemem/service";
        String text = reader.text(SECTION + "socket", ServiceReader::usable, allowed, SOMEWHERE.toString());
        return Path.of(text);
    }

    private static boolean usable(String text) {
        try {
            Path path = Path.of(text);
            return path.isAbsolute() && path.getFileName() != null && UnixSocket.fits(path);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private AccessRules access() {
        Set<Integer> uids = new HashSet<>(numbers(SECTION + "allow.uids", UIDS, Integer.MAX_VALUE));
        uids.add(Peer.ownUid());
        return new AccessRules(uids, new HashSet<>(numbers(SECTION + "allow.gids", GIDS, Integer.MAX_VALUE)), group());
    }

    private String group() {
        return reader.text(
                SECTION + "group", text -> GROUP.matcher(text).matches(), "empty, or name or number of a group", "");
    }

    /** Different whole numbers from 0 to a maximum, in their order. */
    private List<Integer> numbers(String path, String allowed, int maximum) {
        ConfigValue value = reader.value(path, allowed);
        if (value == null) {
            return List.of();
        }
        Set<Integer> numbers = new LinkedHashSet<>();
        List<Integer> given = value instanceof ConfigList ? integers(path) : null;
        if (given == null || !numbers.addAll(given) && !given.isEmpty() || numbers.size() < given.size()) {
            mistakes.invalid(path, value, allowed + ", each once");
            return List.of();
        }
        if (numbers.stream().anyMatch(number -> number < 0 || number > maximum)) {
            mistakes.invalid(path, value, allowed + ", each from 0 to " + maximum);
            return List.of();
        }
        return List.copyOf(numbers);
    }

    private @Nullable List<Integer> integers(String path) {
        try {
            return config.getIntList(path);
        } catch (ConfigException e) {
            return null; // told by the caller
        }
    }
}
