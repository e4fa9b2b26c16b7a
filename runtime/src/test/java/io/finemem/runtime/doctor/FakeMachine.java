package io.finemem.runtime.doctor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A machine made of a directory tree. */
final class FakeMachine {
    private final Path root;
    private final Map<String, String> environment = new TreeMap<>();
    private NetworkProbe network = (server, question) -> Optional.empty();
    private long usableBytes;
    private JvmFacts jvm = new JvmFacts(17, "Test VM 17", List.of(), true);

    FakeMachine(Path root) {
        this.root = root;
    }

    FakeMachine file(String absolute, String content) {
        Path path = root.resolve(absolute.substring(1));
        try {
            Files.createDirectories(path.getParent());
            Files.writeString(path, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    FakeMachine program(String absolute) {
        file(absolute, "");
        try {
            Files.setPosixFilePermissions(
                    root.resolve(absolute.substring(1)), PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    FakeMachine directory(String absolute) {
        try {
            Files.createDirectories(root.resolve(absolute.substring(1)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    FakeMachine variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    FakeMachine network(NetworkProbe probe) {
        network = probe;
        return this;
    }

    FakeMachine usableBytes(long bytes) {
        usableBytes = bytes;
        return this;
    }

    FakeMachine jvm(JvmFacts facts) {
        jvm = facts;
        return this;
    }

    Machine machine() {
        long bytes = usableBytes;
        return new Machine(root, environment, network, path -> bytes, jvm);
    }
}
