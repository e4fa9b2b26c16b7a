package io.finemem.transport.verbs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory tree like that of the kernel's infiniband class. */
final class FakeSysfs {
    static final String LINK_LOCAL = "fe80:0000:0000:0000:bcd1:95ff:feb0:539e";
    static final String IPV4 = "0000:0000:0000:0000:0000:ffff:0a09:0001";
    static final String IPV6 = "2001:0db8:0000:0000:0000:0000:0000:0001";
    static final String EMPTY = "0000:0000:0000:0000:0000:0000:0000:0000";
    static final String V1 = "IB/RoCE v1";
    static final String V2 = "RoCE v2";

    private final Path root;

    FakeSysfs(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    FakeSysfs adapter(String device) throws IOException {
        Files.createDirectories(root.resolve(device).resolve("device"));
        return this;
    }

    FakeSysfs rxe(String device, String netdev) throws IOException {
        Files.createDirectories(root.resolve(device));
        Files.writeString(root.resolve(device).resolve("parent"), netdev + "\n");
        return this;
    }

    FakeSysfs port(String device, int port, String state, String linkLayer) throws IOException {
        Path directory = Files.createDirectories(portOf(device, port));
        Files.writeString(directory.resolve("state"), state + "\n");
        Files.writeString(directory.resolve("link_layer"), linkLayer + "\n");
        return this;
    }

    FakeSysfs gid(String device, int port, int index, String gid, String type) throws IOException {
        put(device, port, "gids", index, gid);
        put(device, port, "gid_attrs/types", index, type);
        put(device, port, "gid_attrs/ndevs", index, "eth0");
        return this;
    }

    private void put(String device, int port, String table, int index, String value) throws IOException {
        Path directory = Files.createDirectories(portOf(device, port).resolve(table));
        Files.writeString(directory.resolve(Integer.toString(index)), value + "\n");
    }

    private Path portOf(String device, int port) {
        return root.resolve(device).resolve("ports").resolve(Integer.toString(port));
    }
}
