package io.finemem.runtime.trace;

import io.finemem.api.InvalidRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** The traces that come with FineMem, recorded by {@code scripts/record-trace}, and those in files. */
public final class RecordedTraces {
    private static final List<String> NAMES = List.of("javac", "redis");
    private static final String SUFFIX = ".trace.csv";

    private RecordedTraces() {}

    /** Names of the traces that come with FineMem. */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * A trace by its name, or from a file.
     *
     * @param nameOrFile one of {@link #names()}, or the path of a file
     * @throws InvalidRequest if it is neither
     * @throws MalformedTrace if the file is no trace
     */
    public static AllocationTrace load(String nameOrFile) {
        return NAMES.contains(nameOrFile) ? recorded(nameOrFile) : file(nameOrFile);
    }

    private static AllocationTrace recorded(String name) {
        String resource = name + SUFFIX;
        try (InputStream bytes = RecordedTraces.class.getResourceAsStream(resource)) {
            if (bytes == null) {
                throw new IllegalStateException("resource " + resource + " is missing in the jar");
            }
            return TraceFormat.parse(name, resource, new InputStreamReader(bytes, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static AllocationTrace file(String file) {
        try {
            Path path = Path.of(file);
            if (Files.isRegularFile(path)) {
                return TraceFormat.parse(file, file, Files.newBufferedReader(path));
            }
        } catch (InvalidPathException e) {
            throw noTrace(file);
        } catch (IOException e) {
            throw new MalformedTrace(e, file + " cannot be read: " + e.getMessage());
        }
        throw noTrace(file);
    }

    private static InvalidRequest noTrace(String file) {
        return new InvalidRequest("there is no trace '" + file + "': give one of " + String.join(", ", NAMES)
                + ", or a file that scripts/record-trace has written");
    }
}
