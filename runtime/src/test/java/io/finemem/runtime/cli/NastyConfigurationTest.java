package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Configurations that nobody should write, through {@code finemem config}: one clear line for each mistake, and no other. */
@Timeout(60)
class NastyConfigurationTest {
    private static final String SECRET = "finemem.secret-file = s\n";
    private static final String NO_SECRET =
            "finemem.secret-file is not set: it must be a file made by: finemem new-secret FILE";

    @TempDir
    private Path directory = Path.of(".");

    private Path file = Path.of(".");

    @BeforeEach
    void nameFile() {
        file = directory.resolve("nasty.conf");
    }

    private record Outcome(int code, String out, List<String> errors) {}

    private Outcome run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = FineMemCommand.execute(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                Stream.concat(Stream.of("config"), Stream.of(arguments)).toArray(String[]::new));
        return new Outcome(code, out.toString(), err.toString().lines().toList());
    }

    private Outcome check(String role) {
        return run("check", "--role", role, "-c", file.toString());
    }

    /** The lines of the mistakes, without what all have. */
    private List<String> mistakes(String text) throws IOException {
        Files.writeString(file, text);
        Outcome checked = check("memory-node");
        assertThat(checked.code()).as("%s", checked).isEqualTo(FineMemCommand.USAGE);
        assertThat(checked.out()).isEmpty();
        String start = "finemem config check: ";
        assertThat(checked.errors()).allSatisfy(line -> assertThat(line)
                .startsWith(start)
                .hasSizeLessThan(500)
                .doesNotContain("Exception")
                .doesNotContainPattern("\\p{Cntrl}"));
        return checked.errors().stream()
                .map(line -> line.substring(start.length()).replace(file + ":", "line "))
                .toList();
    }

    static Map<String, List<String>> texts() {
        return Map.ofEntries(
                Map.entry("", List.of(NO_SECRET)),
                Map.entry("finemem = 7", List.of("finemem = 7 is not valid: it must be a section (line 1)", NO_SECRET)),
                Map.entry(
                        "finemem = null",
                        List.of("finemem = null is not valid: it must be a section (line 1)", NO_SECRET)),
                Map.entry(
                        SECRET + "finemem { coordination = redis, transport = shm, http = off }",
                        List.of(
                                "finemem.coordination = redis is not valid: it must be a section with the keys provider, redis"
                                        + " (line 2)",
                                "finemem.transport = shm is not valid: it must be a section; write finemem.transport.name = shm"
                                        + " (line 2)",
                                "finemem.http = off is not valid: it must be a section with the keys host, port (line 2)")),
                Map.entry(
                        "finemem.secret-file = [ 1 ]",
                        List.of("finemem.secret-file = [1] is not valid: it must be a file made by:"
                                + " finemem new-secret FILE (line 1)")),
                Map.entry("finemem.secret-file = null", List.of(NO_SECRET)),
                Map.entry(
                        SECRET + "finemem { log-level = 3, log-format = xml, memory-node.lease = 5 parsecs }",
                        List.of(
                                "finemem.log-level = 3 is not valid: it must be error or warn or info or debug or trace"
                                        + " (line 2)",
                                "finemem.log-format = xml is not valid: it must be text or json (line 2)",
                                "finemem.memory-node.lease = 5 parsecs is not valid: it must be a duration from 20ms to"
                                        + " 86400s, such as 500ms or 5s (line 2)")),
                Map.entry(
                        SECRET + "finemem.memory-node { max-owners = 4k, lease = 5, zero-on-free = 1 }",
                        List.of(
                                "finemem.memory-node.zero-on-free = 1 is not valid: it must be true or false (line 2)",
                                "finemem.memory-node.max-owners = 4k is not valid: it must be auto or a whole number from 1"
                                        + " to 65536 (line 2)",
                                "finemem.memory-node.lease = 5 is not valid: it must be a duration from 20ms to 86400s, such"
                                        + " as 500ms or 5s (line 2)")),
                Map.entry(
                        SECRET + "finemem.memory-node.listen.port = 0x10",
                        List.of(
                                "finemem.memory-node.listen.port = 0x10 is not valid: it must be a whole number from 0 to"
                                        + " 65535 (line 2)")),
                Map.entry(
                        "finemem.secret-file = ${NOBODY_HAS_SET_THIS}",
                        List.of("the configuration is malformed: line  1: Could not resolve substitution to a value:"
                                + " ${NOBODY_HAS_SET_THIS}")),
                Map.entry("finemem.secret-file = ${?NOBODY_HAS_SET_THIS}", List.of(NO_SECRET)),
                Map.entry(
                        "a = ${b}\nb = ${a}\n" + SECRET + "finemem.memory-node.name = ${a}",
                        List.of("the configuration is malformed: line  2: Could not resolve substitution to a value:"
                                + " ${a} was part of a cycle of substitutions involving ${b}, ${a}, ${b}")),
                Map.entry(
                        SECRET + "include \"nasty.conf\"",
                        List.of("the configuration is malformed: line  include statements nested more than 50 times,"
                                + " you probably have a cycle in your includes.")),
                Map.entry(
                        SECRET + "finemem.\"\\u001b[2J\\n\" = 1",
                        List.of(
                                "unknown key finemem.\"\\u001b[2J\\n\": known here: client, control, coordination, http,"
                                        + " leak-detection, log-format, log-level, memory-node, placement, secret-file, service,"
                                        + " transport (line 2)")),
                Map.entry(
                        SECRET + "finemem.memory-node.name = \"\\u001b[2J\\n\"",
                        List.of(
                                "finemem.memory-node.name = ?[2J? is not valid: it must be 1 to 64 letters, digits and . _ :"
                                        + " @ - that begin with a letter or a digit (line 2)")));
    }

    static Stream<Map.Entry<String, List<String>>> cases() {
        return texts().entrySet().stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void eachMistakeIsOneLineAndThereIsNoOther(Map.Entry<String, List<String>> text) throws IOException {
        assertThat(mistakes(text.getKey())).containsExactlyInAnyOrderElementsOf(text.getValue());
    }

    @Test
    void whatIsNestedWithoutEndIsRefused() throws IOException {
        String many = "finemem.x = " + "[".repeat(100_000) + "]".repeat(100_000);
        for (String text : List.of(many, "{a=".repeat(100_000) + "1" + "}".repeat(100_000))) {
            assertThat(mistakes(text))
                    .containsExactly(
                            "the configuration " + file + " is nested too deeply, or its files include each other");
        }
    }

    @Test
    void aBareControlCharacterIsOneLine() throws IOException {
        assertThat(mistakes("finemem.secret-file = \"a\0b\"\n"))
                .singleElement()
                .asString()
                .startsWith("the configuration is malformed: line  1: Expecting a value");
    }

    @Test
    void filesThatCannotBeReadAsTextAreRefused() throws IOException {
        Files.write(file, SECRET.getBytes(StandardCharsets.UTF_16));
        assertThat(check("memory-node").errors())
                .containsExactly("finemem config check: the configuration file " + file
                        + " is not text in UTF-8: save it as UTF-8");
        Files.write(file, new byte[(1 << 20) + 1]);
        assertThat(check("memory-node").errors())
                .containsExactly(
                        "finemem config check: the configuration file " + file + " is larger than 1048576 bytes");
        Files.delete(file);
        Files.createDirectory(file);
        assertThat(check("memory-node").errors())
                .containsExactly("finemem config check: the configuration " + file + " is not a file");
    }

    @Test
    void theLaterOfTwoValuesCountsAndShowSaysWhereItStands() throws IOException {
        Files.writeString(
                file,
                "\ufeff" + SECRET
                        + "finemem.memory-node { pool = 4MiB\r\n pool = 6MiB }\r\nfinemem.memory-node.pool = 8MiB\r\n");

        assertThat(check("memory-node").out()).isEqualTo("good for memory-node\n");
        assertThat(run("show", "--changed", "-c", file.toString()).out().lines())
                .containsExactly(
                        "finemem.memory-node.pool = \"8MiB\"  # " + file + ":4",
                        "finemem.secret-file = \"s\"  # " + file + ":1");
    }

    @Test
    void filesAreIncludedFromBesideTheOneThatNamesThemAlsoByARelativePath() throws IOException {
        Path working = Path.of("").toAbsolutePath();
        Files.writeString(directory.resolve("common.conf"), SECRET);
        Files.writeString(file, "include \"common.conf\"\n");
        Path relative = Files.createTempDirectory(working.resolve("target"), "include");
        Path beside = Files.writeString(relative.resolve("node.conf"), "include \"common.conf\"\n");
        Path common = Files.writeString(relative.resolve("common.conf"), SECRET);
        try {
            assertThat(check("memory-node").out()).isEqualTo("good for memory-node\n");
            assertThat(run(
                                    "check",
                                    "--role",
                                    "memory-node",
                                    "-c",
                                    working.relativize(beside).toString())
                            .out())
                    .isEqualTo("good for memory-node\n");
            Files.writeString(common, "finemem { {");
            assertThat(run("check", "--role", "memory-node", "-c", beside.toString())
                            .errors())
                    .singleElement()
                    .asString()
                    .startsWith("finemem config check: the configuration is malformed: " + common + ": 1: expecting");
            Files.delete(common);
            Files.writeString(beside, "include required(\"common.conf\")\n");
            assertThat(run("check", "--role", "memory-node", "-c", beside.toString())
                            .errors())
                    .singleElement()
                    .asString()
                    .matches(".*: an included file is not there: '?common.conf'?");
        } finally {
            Files.deleteIfExists(common);
            Files.delete(beside);
            Files.delete(relative);
        }
    }
}
