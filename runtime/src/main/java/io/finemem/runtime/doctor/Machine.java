package io.finemem.runtime.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * The machine as the checks see it; tests give them a tree of their own.
 *
 * @param root root of the file system
 * @param environment environment variables
 * @param network asks servers
 * @param usableBytes free space of the file system that a path is in, in bytes
 * @param jvm the Java that runs this
 */
record Machine(
        Path root,
        Map<String, String> environment,
        NetworkProbe network,
        ToLongFunction<Path> usableBytes,
        JvmFacts jvm) {
    private static final int MAX_FILE_BYTES = 1 << 22;

    static Machine thisOne() {
        return new Machine(
                Path.of("/"), System.getenv(), NetworkProbe.real(), Machine::usableSpace, JvmFacts.ofThisProcess());
    }

    private static long usableSpace(Path path) {
        try {
            return Files.getFileStore(path).getUsableSpace();
        } catch (IOException e) {
            return 0;
        }
    }

    /** A file of this machine by its absolute path. */
    Path path(String absolute) {
        return root.resolve(absolute.startsWith("/") ? absolute.substring(1) : absolute);
    }

    boolean exists(String absolute) {
        return Files.exists(path(absolute));
    }

    /** The content of a small text file without the last line break; empty if it cannot be read. */
    Optional<String> read(String absolute) {
        Path file = path(absolute);
        try (var in = Files.newInputStream(file)) {
            return Optional.of(new String(in.readNBytes(MAX_FILE_BYTES), StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The names in a directory in order; none if it does not exist. */
    List<String> list(String absolute) {
        Path directory = path(absolute);
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    /** Where a program is, by the variable PATH and the usual places of a system's own programs. */
    Optional<String> program(String name) {
        List<String> directories =
                new ArrayList<>(List.of(variable("PATH").orElse("").split(":")));
        directories.addAll(List.of("/usr/bin", "/usr/sbin", "/usr/local/bin"));
        return directories.stream()
                .filter(directory -> directory.startsWith("/"))
                .map(directory -> directory + "/" + name)
                .filter(file -> Files.isExecutable(path(file)) && Files.isRegularFile(path(file)))
                .findFirst();
    }

    /** Where a shared library is, by the variable LD_LIBRARY_PATH and the usual places. */
    Optional<String> library(String name) {
        List<String> directories =
                new ArrayList<>(List.of(variable("LD_LIBRARY_PATH").orElse("").split(":")));
        for (String parent : List.of("/lib", "/usr/lib", "/usr/local/lib")) {
            directories.add(parent);
            directories.add(parent + "64");
            list(parent).stream()
                    .filter(entry -> entry.contains("-linux-"))
                    .forEach(entry -> directories.add(parent + "/" + entry));
        }
        return directories.stream()
                .filter(directory -> directory.startsWith("/"))
                .map(directory -> directory + "/" + name)
                .filter(this::exists)
                .findFirst();
    }
}
