package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a configuration file can be, as the command line tells it. */
@Timeout(60)
class ConfigFileCommandTest {
    private static final String RIGHT = "finemem.memory-node.pool = 8MiB\r\nfinemem.secret-file = s\r\n";

    @TempDir
    private Path directory = Path.of(".");

    private void assertRefused(Path file, String message) {
        StringWriter err = new StringWriter();
        int code = check(file, err);
        assertThat(err.toString()).isEqualToIgnoringNewLines("finemem config check: " + message);
        assertThat(code).isEqualTo(FineMemCommand.USAGE);
    }

    private static int check(Path file, StringWriter err) {
        return FineMemCommand.execute(
                new PrintWriter(new StringWriter()),
                new PrintWriter(err, true),
                "config",
                "check",
                "--role",
                "memory-node",
                "-c",
                file.toString());
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("node.conf"), text);
    }

    @Test
    void whatIsNoFileIsRefusedAndNotWaitedFor() throws Exception {
        Path loop = directory.resolve("loop");
        Files.createSymbolicLink(loop, loop);
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Path missing = directory.resolve("none");
        assertRefused(missing, "there is no configuration file " + missing);
        assertRefused(directory, "the configuration " + directory + " is not a file");
        assertRefused(loop, "the configuration file " + loop + " is a symbolic link that leads nowhere");
        assertRefused(pipe, "the configuration " + pipe + " is not a file");
        assertRefused(Path.of("/dev/zero"), "the configuration /dev/zero is not a file");
    }

    @Test
    void aHundredMegabytesAreRefusedUnread() throws IOException {
        Path file = directory.resolve("big.conf");
        try (RandomAccessFile big = new RandomAccessFile(file.toFile(), "rw")) {
            big.setLength(100 << 20);
        }
        assertRefused(file, "the configuration file " + file + " is larger than 1048576 bytes");
    }

    @Test
    void textOfAnotherEncodingIsRefused() throws IOException {
        Path file = Files.write(directory.resolve("l1"), "# gr\u00f6\u00dfe".getBytes(StandardCharsets.ISO_8859_1));
        assertRefused(file, "the configuration file " + file + " is not text in UTF-8: save it as UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=" + "[", "{a:", "a=${"})
    void endlessNestingIsOneLine(String open) throws IOException {
        Path file = file(open.repeat(100_000));
        StringWriter err = new StringWriter();
        assertThat(check(file, err)).isEqualTo(FineMemCommand.USAGE);
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(err.toString())
                .startsWith("finemem config check: the configuration")
                .contains(file.toString());
    }

    @Test
    void aKeyWithoutAValueAndAnUnknownKeyAreNamedWithFileAndLine() throws IOException {
        Path file = file("finemem.memory-node {\n  pol = 8MiB\n}\nfinemem.secret-file = s\n");
        assertRefused(
                file, "unknown key finemem.memory-node.pol: did you mean finemem.memory-node.pool? (" + file + ":2)");
    }

    @Test
    void aByteOrderMarkAndCarriageReturnsAreTaken() throws IOException {
        StringWriter err = new StringWriter();
        assertThat(check(file("\ufeff" + RIGHT), err)).as(err.toString()).isZero();
    }

    @Test
    void anEmptyFileSaysNothingAndTheDefaultsAreChecked() throws IOException {
        assertRefused(file(""), "finemem.secret-file is not set: it must be a file made by: finemem new-secret FILE");
    }
}
