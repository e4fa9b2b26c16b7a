package io.finemem.runtime.soak.system;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import io.finemem.api.OutOfLocalResources;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.runtime.demo.ChosenTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The files of a system below one directory: the secret, and a configuration for each process. */
final class SystemLayout {
    private static final String ROOT = "finemem.";
    private static final String FABRIC = "fabric";
    /** As in production: the defaults of their keys. */
    private static final long PEER_SECONDS = 10;

    private static final long CONNECT_SECONDS = 5;

    private static final long REATTACH_GRACE_SECONDS = 10;
    private static final long REATTACH_SECONDS = 30;

    private final Path directory;
    private final ChosenTransport chosen;
    private final List<String> devices;
    private final SystemSoakOptions options;
    private final Map<String, Object> coordination;

    /**
     * Makes the files that all processes share.
     *
     * @param devices of the transport: memory nodes use the first, services the others in turn; empty for the transport's choice
     * @param coordination settings of the directory, by their keys; empty if there is none
     */
    SystemLayout(
            Path directory,
            ChosenTransport chosen,
            List<String> devices,
            SystemSoakOptions options,
            Map<String, Object> coordination) {
        this.directory = directory;
        this.chosen = chosen;
        this.devices = devices;
        this.options = options;
        this.coordination = coordination;
        PresharedSecret.create(secret());
        if (chosen.name().equals("shm")) {
            try {
                Files.createDirectory(directory.resolve(FABRIC));
            } catch (IOException e) {
                throw new OutOfLocalResources(e, "no directory can be made in " + directory + ": " + e);
            }
        }
    }

    Path directory() {
        return directory;
    }

    Path secret() {
        return directory.resolve("secret");
    }

    private String socket(int service) {
        return directory.resolve("run").resolve("service" + service).toString();
    }

    static String nodeName(int node) {
        return "mn" + node;
    }

    static String serviceName(int service) {
        return "service" + service;
    }

    /** @param port of its control channel; 0 takes a free one */
    Path memoryNode(int node, int port) {
        Map<String, Object> keys = common(0);
        keys.putAll(coordination);
        keys.put(ROOT + "secret-file", secret().toString());
        keys.put(ROOT + "memory-node.name", nodeName(node));
        keys.put(ROOT + "memory-node.pool", options.poolBytes() + "B");
        keys.put(ROOT + "memory-node.lease", options.lease().toMillis() + "ms");
        keys.put(ROOT + "memory-node.control.peer-timeout", atLeastLease(PEER_SECONDS));
        keys.put(ROOT + "memory-node.control.handshake-timeout", atLeastLease(CONNECT_SECONDS));
        keys.put(ROOT + "memory-node.listen.port", port);
        return write(nodeName(node), keys);
    }

    Path service(int service, List<Integer> ports) {
        Map<String, Object> keys = common(device(service));
        keys.putAll(coordination);
        keys.put(ROOT + "secret-file", secret().toString());
        keys.put(ROOT + "client.name", serviceName(service));
        if (coordination.isEmpty()) {
            keys.put(
                    ROOT + "client.memory-nodes",
                    IntStream.range(0, ports.size())
                            .mapToObj(node -> Map.of("name", nodeName(node), "address", "127.0.0.1:" + ports.get(node)))
                            .toList());
        }
        keys.put(ROOT + "client.heartbeat", options.lease().toMillis() / 5 + "ms");
        keys.put(ROOT + "service.socket", socket(service));
        keys.put(ROOT + "service.reattach-grace", atLeastLease(REATTACH_GRACE_SECONDS));
        keys.put(ROOT + "client.connect-timeout", atLeastLease(CONNECT_SECONDS));
        return write(serviceName(service), keys);
    }

    Path application(int application, int service) {
        Map<String, Object> keys = common(device(service));
        keys.put(ROOT + "service.socket", socket(service));
        keys.put(ROOT + "service.reattach-timeout", atLeastLease(REATTACH_SECONDS));
        keys.put(ROOT + "client.connect-timeout", atLeastLease(CONNECT_SECONDS));
        keys.put(ROOT + "client.through", "service");
        keys.put(ROOT + "client.name", "app" + application);
        return write("app" + application, keys);
    }

    /** A longer lease is for slow machines, where all who wait for each other need more time than in production. */
    private String atLeastLease(long seconds) {
        return Math.max(seconds, options.lease().toSeconds()) + "s";
    }

    private int device(int service) {
        return devices.size() < 2 ? 0 : 1 + service % (devices.size() - 1);
    }

    private Map<String, Object> common(int device) {
        String section = ROOT + "transport." + chosen.name() + ".";
        Map<String, Object> keys = new TreeMap<>();
        keys.put(ROOT + "transport.name", chosen.name());
        chosen.settings().forEach((key, value) -> keys.put(section + key, value));
        if (chosen.name().equals("shm")) {
            keys.put(section + "directory", directory.resolve(FABRIC).toString());
        }
        if (!devices.isEmpty()) {
            keys.put(section + "device", devices.get(device));
        }
        return keys;
    }

    private Path write(String name, Map<String, Object> keys) {
        Path file = directory.resolve(name + ".conf");
        try {
            return Files.writeString(file, ConfigFactory.parseMap(keys).root().render(ConfigRenderOptions.concise()));
        } catch (IOException e) {
            throw new OutOfLocalResources(e, "the file " + file + " cannot be written: " + e);
        }
    }
}
