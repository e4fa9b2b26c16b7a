package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SystemSoakCommandTest {
    private static final Pattern KEPT =
            Pattern.compile("logs and configurations of all processes: (\\S+finemem-soak-\\d+)");

    @TempDir
    Path logs;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int soak(String... options) {
        List<String> arguments = Stream.concat(
                        Stream.of("soak-system", "--transport", "shm", "--services", "1", "--applications", "1"),
                        Stream.of(options))
                .toList();
        return FineMemCommand.execute(
                new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
    }

    /** Nobody tells of progress within a second of its start. */
    @Test
    @Timeout(120)
    void failedRunIsReportedWithTheStacksOfAllThatLived() throws Exception {
        try {
            assertThat(soak("--patience", "1", "--seed", "7", "--logs", logs.toString()))
                    .isEqualTo(FineMemCommand.FAILURE);
            assertThat(err.toString()).contains("waited in vain for", "seconds=1 seed=7");
            assertThat(out.toString())
                    .contains("the stacks of all threads", "failed: 0 faults; ", "0 audits clean", "seed 7");
            assertThat(text("mn0-")).contains("Full thread dump");
        } finally {
            removeKept();
        }
    }

    @Test
    void mistakesNameTheOption() {
        assertThat(soak("--patience", "0")).isEqualTo(FineMemCommand.USAGE);
        assertThat(soak("--pace", "-1")).isEqualTo(FineMemCommand.USAGE);
        assertThat(err.toString())
                .contains(
                        "--patience 0 is not valid here: it must be 1 to 3600",
                        "--pace -1 is not valid here: it must be 0 to ");
        assertThat(out.toString()).isEmpty();
    }

    private String text(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(logs)) {
            return Files.readString(
                    files.filter(file -> file.getFileName().toString().startsWith(prefix))
                            .findFirst()
                            .orElseThrow());
        }
    }

    private void removeKept() throws IOException {
        Matcher kept = KEPT.matcher(out.toString());
        if (kept.find()) {
            try (Stream<Path> files = Files.walk(Path.of(kept.group(1)))) {
                files.sorted(Comparator.reverseOrder()).forEach(SystemSoakCommandTest::delete);
            }
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
