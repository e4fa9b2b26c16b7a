package io.finemem.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.finemem.allocator.control.BlockKeys;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.control.ControlLimits;
import io.finemem.runtime.control.ControlTimeouts;
import io.finemem.runtime.control.NodeName;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.Transports;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;

/**
 * The configuration below {@code finemem}, checked when a role asks for its part. Immutable.
 *
 * <p>Each of the role methods throws an {@link InvalidConfiguration} whose text has one line per mistake.
 */
public final class FineMemConfig {
    /** Path of everything that is read here. */
    public static final String ROOT = "finemem";

    /** A pool consists of sections of this length. */
    static final long SECTION_BYTES = 2L << 20;

    private static final List<Isolation> ISOLATIONS = List.of(Isolation.DIRECT, Isolation.STRICT);
    static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(10);
    private static final Duration SHORTEST_LEASE = Duration.ofMillis(20);
    private static final int MAX_CONNECTIONS = 4096;
    private static final int MAX_OWNERS = 1 << 16;

    private static final int MAX_PORT = 65535;

    private final Config config;
    private final Plugins plugins;
    private final long machineBytes;

    private FineMemConfig(Config config, Plugins plugins, long machineBytes) {
        this.config = complete(config);
        this.plugins = plugins;
        this.machineBytes = machineBytes;
    }

    FineMemConfig(Config config, Collection<TransportProvider> transports, long machineBytes) {
        this(config, Plugins.of(transports), machineBytes);
    }

    /**
     * A configuration over the defaults of {@code reference.conf}.
     *
     * @param config anything, such as {@link ConfigFactory#load()}; only what is below {@link #ROOT} counts
     * @param transports the transports whose settings may be given
     */
    public static FineMemConfig of(Config config, Collection<TransportProvider> transports) {
        return new FineMemConfig(config, transports, bytesOfThisMachine());
    }

    /**
     * A configuration over the defaults of {@code reference.conf}.
     *
     * @param config anything; only what is below {@link #ROOT} counts
     * @param plugins those that may be named, and whose settings may be given
     */
    public static FineMemConfig of(Config config, Plugins plugins) {
        return new FineMemConfig(config, plugins, bytesOfThisMachine());
    }

    /** How an application reaches its memory nodes. */
    public enum Through {
        /** As an owner. */
        MEMORY_NODES,
        /** By the allocation service of its machine. */
        SERVICE
    }

    /** What the command line logs, and how. What is not valid is told with the part of a role, not here. */
    public LogConfig log() {
        ConfigMistakes mistakes = new ConfigMistakes();
        LogConfig log = LogConfig.read(config, mistakes);
        return mistakes.any() ? LogConfig.USUAL : log;
    }

    /**
     * Name of this process in its log. One that is not valid is told with the part of a role, not here.
     *
     * @param memoryNode whether it is that of a memory node, or of a client
     */
    public String nameInLog(boolean memoryNode) {
        String path = ROOT + (memoryNode ? ".memory-node.name" : ".client.name");
        String name = new ConfigReader(config, new ConfigMistakes()).text(path);
        return NodeName.valid(name) ? name : ThisProcess.name();
    }

    /** The HTTP endpoint of a daemon. */
    public HttpConfig http() {
        ConfigMistakes mistakes = new ConfigMistakes();
        HttpConfig http = HttpConfig.read(config, mistakes);
        mistakes.throwIfAny();
        return http;
    }

    /** The transport alone. */
    public TransportChoice transport() {
        Reading reading = new Reading();
        TransportChoice transport = reading.transport();
        reading.mistakes.throwIfAny();
        return transport;
    }

    /**
     * The parts of the memory nodes of one daemon: one for each of {@code finemem.memory-node.pools}, or one for the section itself if
     * that list is empty.
     */
    public List<MemoryNodeConfig> memoryNodes() {
        PoolsReader pools = new PoolsReader(config, plugins.transports().providers(), machineBytes);
        return pools.read(pool -> new FineMemConfig(pool, plugins, machineBytes).memoryNode());
    }

    /** The part of a memory node daemon of one memory node: that of the section, whatever {@code pools} says. */
    public MemoryNodeConfig memoryNode() {
        Reading reading = new Reading();
        CoordinationChoice coordination = reading.coordination().choice();
        InetSocketAddress listen = reading.listen();
        MemoryNodeConfig node = new MemoryNodeConfig(
                reading.transport(),
                reading.pool(),
                listen,
                reading.credentials(),
                reading.limits(),
                coordination,
                reading.coordination().advertised(coordination, listen));
        HttpConfig.read(config, reading.mistakes);
        reading.mistakes.throwIfAny();
        return node;
    }

    /** The part of a client of memory nodes in other processes. */
    public ClientConfig client() {
        Reading reading = new Reading();
        ClientConfig client = reading.client(reading.allocation());
        reading.mistakes.throwIfAny();
        return client;
    }

    /** Whom {@link #client} or {@link #serviceClient} is the part for. */
    public Through through() {
        ConfigMistakes mistakes = new ConfigMistakes();
        Through through =
                new ConfigReader(config, mistakes).choice(ROOT + ".client.through", List.of(Through.values()));
        mistakes.throwIfAny();
        return through;
    }

    /** The part of an application that allocates through the allocation service of its machine. */
    public ServiceClientConfig serviceClient() {
        Reading reading = new Reading();
        ServiceClientConfig client = new ServiceClientConfig(
                reading.transport(), reading.service().client(reading.clientName(), reading.allocation()));
        reading.mistakes.throwIfAny();
        return client;
    }

    /** The part of an allocation service. */
    public ServiceConfig service() {
        Reading reading = new Reading();
        ServiceConfig service = new ServiceConfig(
                reading.client(reading.service().allocation(reading.allocation())),
                reading.service().options(),
                reading.service().restart(),
                reading.service().startTimeout());
        HttpConfig.read(config, reading.mistakes);
        reading.mistakes.throwIfAny();
        return service;
    }

    /** What a tool needs that talks to the control channel of a memory node. */
    public ToolConfig tool() {
        Reading reading = new Reading();
        ToolConfig tool = new ToolConfig(reading.clientName(), reading.credentials(), reading.timeouts());
        reading.mistakes.throwIfAny();
        return tool;
    }

    /** What a tool needs that looks for members of the cluster. */
    public DirectoryConfig directory() {
        Reading reading = new Reading();
        DirectoryConfig directory = reading.coordination().directory();
        reading.mistakes.throwIfAny();
        return directory;
    }

    /** The part of a memory node and a client in one process. */
    public EmbeddedConfig embedded() {
        Reading reading = new Reading();
        TransportChoice transport = reading.transport();
        EmbeddedConfig embedded = new EmbeddedConfig(
                transport.name().equals(Transports.AUTO) ? transport.withName("shm") : transport,
                reading.pool(),
                reading.allocation());
        reading.mistakes.throwIfAny();
        return embedded;
    }

    private static Config complete(Config config) {
        try {
            return config.withFallback(ConfigFactory.defaultReference(FineMemConfig.class.getClassLoader()))
                    .resolve();
        } catch (ConfigException e) {
            throw new InvalidConfiguration(e, "the configuration is malformed: " + e.getMessage());
        }
    }

    private static long bytesOfThisMachine() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getTotalMemorySize();
    }

    /** One pass over the configuration; all its mistakes are in one place. */
    private final class Reading {
        final ConfigMistakes mistakes = new ConfigMistakes();
        final ConfigReader reader = new ConfigReader(config, mistakes);

        Reading() {
            ConfigValue root = config.root().get(ROOT);
            if (root instanceof ConfigObject given) {
                ConfigObject reference = ConfigFactory.defaultReference(FineMemConfig.class.getClassLoader())
                        .getObject(ROOT);
                new KnownKeys(pluginKeys(), mistakes).check(ROOT, given, reference);
            } else {
                mistakes.invalid(ROOT, root, "a section");
            }
            LogConfig.read(config, mistakes);
        }

        private Map<String, Map<String, Set<String>>> pluginKeys() {
            Map<String, Set<String>> transportKeys = plugins.transports().providers().stream()
                    .collect(Collectors.toMap(TransportProvider::name, TransportProvider::settingKeys));
            return Map.of(
                    KnownKeys.TRANSPORT, transportKeys,
                    KnownKeys.PLACEMENT, placement().keys(),
                    CoordinationChoice.SECTION, coordination().keys());
        }

        ClientConfig client(AllocationConfig allocation) {
            return new ClientConfig(
                    transport(),
                    clientName(),
                    coordination().memoryNodes(),
                    credentials(),
                    allocation,
                    timeouts(),
                    rejoin(),
                    coordination().choice());
        }

        CoordinationReader coordination() {
            return new CoordinationReader(config, mistakes, plugins.coordinations());
        }

        TransportChoice transport() {
            String name = reader.text(ROOT + ".transport.name");
            Map<String, Map<String, String>> settings = new TreeMap<>();
            for (TransportProvider transport : plugins.transports().providers()) {
                String path = ROOT + ".transport." + transport.name();
                settings.put(transport.name(), PluginSection.values(config, path));
            }
            return new TransportChoice(name, settings);
        }

        PoolConfig pool() {
            String section = ROOT + ".memory-node.";
            long bytes = poolBytes(section + "pool");
            Isolation isolation = reader.choice(section + "isolation", ISOLATIONS);
            IntSupplier auto = () -> MemoryNodeOptions.affordableOwners(bytes, isolation);
            return new PoolConfig(
                    reader.text(section + "name", NodeName::valid, NodeName.ALLOWED, "invalid"),
                    bytes,
                    new LabelReader(config, mistakes).labels(section + "labels"),
                    isolation,
                    blockKeys(section, isolation),
                    zeroOnFree(section, isolation),
                    reader.integer(section + "max-owners", 1, MAX_OWNERS, auto),
                    reader.duration(section + "lease", SHORTEST_LEASE),
                    reader.duration(section + "fence-timeout", SHORTEST_TIMEOUT),
                    NumaReader.read(reader, section + "numa-node"));
        }

        private BlockKeys blockKeys(String section, Isolation isolation) {
            BlockKeys keys = reader.choice(section + "block-keys", List.of(BlockKeys.values()));
            if (keys == BlockKeys.REGIONS && isolation == Isolation.DIRECT) {
                reader.invalid(
                        section + "block-keys",
                        "windows with isolation direct, where one key opens the whole heap; or use isolation strict");
            }
            return keys;
        }

        private boolean zeroOnFree(String section, Isolation isolation) {
            boolean zero = reader.flag(section + "zero-on-free");
            if (zero && isolation == Isolation.DIRECT) {
                reader.invalid(
                        section + "zero-on-free",
                        "false with isolation direct, where the memory node takes no part in a free;"
                                + " or use isolation strict");
            }
            return zero;
        }

        private long poolBytes(String path) {
            String allowed = "a multiple of 2MiB, from 2MiB to the memory of this machine, "
                    + machineBytes / SECTION_BYTES * 2 + "MiB";
            LongPredicate valid = bytes -> bytes > 0 && bytes % SECTION_BYTES == 0 && bytes <= machineBytes;
            return reader.bytes(path, valid, allowed, SECTION_BYTES);
        }

        InetSocketAddress listen() {
            String section = ROOT + ".memory-node.listen.";
            String host =
                    reader.text(section + "host", text -> !text.isBlank(), "an address of this machine", "127.0.0.1");
            return new InetSocketAddress(host, reader.integer(section + "port", 0, MAX_PORT));
        }

        Credentials credentials() {
            return new CredentialsReader(reader, mistakes).read();
        }

        ControlLimits limits() {
            String section = ROOT + ".memory-node.control.";
            return new ControlLimits(
                    reader.integer(section + "max-sessions", 1, MAX_CONNECTIONS),
                    reader.integer(section + "max-handshakes", 1, MAX_CONNECTIONS),
                    reader.integer(section + "max-rate", 1, MAX_CONNECTIONS),
                    reader.duration(section + "handshake-timeout", SHORTEST_TIMEOUT),
                    reader.duration(section + "peer-timeout", SHORTEST_TIMEOUT));
        }

        String clientName() {
            String name = reader.text(
                    ROOT + ".client.name",
                    text -> text.isEmpty() || NodeName.valid(text),
                    "empty, or " + NodeName.ALLOWED,
                    "");
            return name.isEmpty() ? ThisProcess.name() : name;
        }

        AllocationConfig allocation() {
            return new AllocationReader(config, mistakes, machineBytes, placement()).read(ROOT + ".client.");
        }

        PlacementReader placement() {
            return new PlacementReader(config, mistakes, plugins.placements());
        }

        ServiceReader service() {
            return new ServiceReader(config, mistakes);
        }

        Duration rejoin() {
            return reader.duration(ROOT + ".client.rejoin", SHORTEST_TIMEOUT);
        }

        ControlTimeouts timeouts() {
            String section = ROOT + ".client.";
            return new ControlTimeouts(
                    reader.duration(section + "connect-timeout", SHORTEST_TIMEOUT),
                    reader.duration(section + "call-timeout", SHORTEST_TIMEOUT),
                    reader.duration(section + "heartbeat", SHORTEST_TIMEOUT));
        }
    }
}
