package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.MemoryNodeLost;
import io.finemem.spi.transport.TransportDescription;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class FineMemCommandTest {
    @TempDir
    private Path directory = Path.of(".");

    private record Outcome(int code, String out, String err) {}

    private static Outcome run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = FineMemCommand.execute(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Outcome(code, out.toString(), err.toString());
    }

    private String secret() {
        Path file = directory.resolve("secret");
        if (!Files.exists(file)) {
            assertThat(run("new-secret", file.toString()).code()).isZero();
        }
        return file.toString();
    }

    @Test
    void helpListsEveryCommand() {
        Outcome help = run("--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("memory-node", "doctor", "guest", "test", "new-secret");
        assertThat(help.err()).isEmpty();
    }

    static Stream<String> everyCommand() {
        return below("", FineMemCommand.commandLine(new PrintWriter(System.out), new PrintWriter(System.err)));
    }

    private static Stream<String> below(String prefix, CommandLine parent) {
        return parent.getSubcommands().entrySet().stream()
                .flatMap(entry -> Stream.concat(
                        Stream.of(prefix + entry.getKey()), below(prefix + entry.getKey() + " ", entry.getValue())));
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void everyCommandHasHelpAndExplainsEachOfItsOptions(String command) {
        Outcome help = run((command + " --help").split(" "));
        assertThat(help.code()).isZero();
        assertThat(help.out()).startsWith("Usage: finemem " + command).doesNotContain("null");
        assertThat(help.err()).isEmpty();
        CommandLine line = FineMemCommand.commandLine(new PrintWriter(System.out), new PrintWriter(System.err));
        for (String name : command.split(" ")) {
            line = line.getSubcommands().get(name);
        }
        assertThat(line.getCommandSpec().args())
                .allSatisfy(argument -> assertThat(argument.hidden() || argument.description().length > 0)
                        .as("%s", argument)
                        .isTrue());
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void anOptionThatDoesNotExistIsOneLineAndExitCodeTwoWithEveryCommand(String command) {
        Outcome outcome = run((command + " --no-such-option").split(" "));
        assertThat(outcome.code()).isEqualTo(FineMemCommand.USAGE);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().lines()).hasSize(1);
        assertThat(outcome.err()).startsWith("finemem " + command + ": ").contains("(see finemem ");
    }

    @Test
    void theVersionIsTheBuildsOwn() {
        Outcome version = run("--version");
        assertThat(version.code()).isZero();
        assertThat(version.out()).matches("finemem \\d+\\.\\d+\\.\\d+\\S* \\(Java .*\\)\\R");
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/wrong-usage.txt", delimiter = '|', quoteCharacter = '\'')
    void wrongUsageIsOneLineAndExitCodeTwo(String line, String message) {
        String[] arguments = line.isEmpty() ? new String[0] : line.split(" ");
        Outcome outcome = run(arguments);
        assertThat(outcome.err()).isEqualToIgnoringNewLines(message);
        assertThat(outcome.code()).isEqualTo(FineMemCommand.USAGE);
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void commandsOfTheScriptSayWhereTheyAre() {
        Outcome outcome = run("guest");
        assertThat(outcome.code()).isEqualTo(FineMemCommand.USAGE);
        assertThat(outcome.err()).contains("script ./finemem");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --pool 0                                   | finemem.memory-node.pool = 0 is not valid
                    --pool 3MiB                                | finemem.memory-node.pool = 3MiB is not valid
                    --pool 1000TiB                             | to the memory of this machine
                    --port 65536                               | finemem.memory-node.listen.port = 65536 is not valid
                    --name a/b                                 | finemem.memory-node.name = a/b is not valid
                    --set finemem.memory-node.pol=1            | did you mean finemem.memory-node.pool?
                    --set finemem.memory-node.isolation=loose  | it must be direct or strict
                    --transport ufo                            | there is no transport named ufo
                    """)
    void aMistakeOnTheCommandLineIsOneLineAndExitCodeTwo(String options, String message) {
        String[] arguments = ("memory-node --secret-file " + secret() + " " + options).split(" ");
        Outcome outcome = run(arguments);
        assertThat(outcome.err()).startsWith("finemem memory-node: ").contains(message);
        assertThat(outcome.err().lines()).hasSize(1);
        assertThat(outcome.code()).isEqualTo(FineMemCommand.USAGE);
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void aMissingSecretIsOneLine() {
        Outcome outcome = run("memory-node");
        assertThat(outcome.code()).isEqualTo(FineMemCommand.USAGE);
        assertThat(outcome.err())
                .isEqualToIgnoringNewLines(
                        "finemem memory-node: finemem.secret-file is not set: it must be a file made by: "
                                + "finemem new-secret FILE");
    }

    @Test
    void aMalformedFileIsOneLine() throws IOException {
        Path file = Files.writeString(directory.resolve("bad.conf"), "finemem {");
        Outcome outcome = run("memory-node", "-c", file.toString());
        assertThat(outcome.code()).isEqualTo(FineMemCommand.USAGE);
        assertThat(outcome.err()).startsWith("finemem memory-node: the configuration is malformed: " + file);
        assertThat(outcome.err().lines()).hasSize(1);
    }

    @Test
    void severalMistakesAreOneLineEach() throws IOException {
        Path file = Files.writeString(
                directory.resolve("bad.conf"),
                "finemem.memory-node { pool = 0\n max-owners = 0 }\nfinemem.secret-file = s");
        List<String> lines =
                run("memory-node", "-c", file.toString()).err().lines().toList();
        assertThat(lines).hasSize(2).allMatch(line -> line.startsWith("finemem memory-node: finemem.memory-node."));
    }

    @Test
    void verboseShowsWhereAFailureCameFrom() {
        assertThat(run("-v", "memory-node").err()).contains("\tat io.finemem.runtime.config");
        assertThat(run("memory-node", "--verbose").err()).contains("\tat io.finemem.runtime.config");
    }

    @Test
    void aSecretIsMadeOnce() throws IOException {
        Path file = Path.of(secret());
        String content = Files.readString(file);
        Outcome again = run("new-secret", file.toString());
        assertThat(again.code()).isEqualTo(FineMemCommand.USAGE);
        assertThat(again.err()).contains("exists already");
        assertThat(file).hasContent(content);
    }

    @Test
    void aSecretNeedsAName() {
        Outcome outcome = run("new-secret", "");
        assertThat(outcome.code()).isEqualTo(FineMemCommand.USAGE);
        assertThat(outcome.err())
                .isEqualToIgnoringNewLines(
                        "finemem new-secret: the secret file has no name; give one such as finemem.secret");
    }

    @Test
    void doctorOfAnUnknownTransportSaysWhichThereAre() {
        Outcome outcome = run("doctor", "--transport", "ufo");
        assertThat(outcome.code()).isEqualTo(FineMemCommand.USAGE);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().lines()).hasSize(1);
        assertThat(outcome.err())
                .startsWith("finemem doctor: there is no transport named ufo; transports: ")
                .contains("verbs (", "rxe (", "shm (available");
    }

    @Test
    void doctorPrintsTextAndJson() throws IOException {
        Outcome text = run("doctor");
        assertThat(text.out())
                .contains("libibverbs.so.1", "locked memory", "JVM", "Redis", "/dev/shm", "transport shm");
        Outcome json = run("doctor", "--json");
        JsonNode root = new ObjectMapper().readTree(json.out());
        assertThat(root.get("requested").asText()).isEqualTo("auto");
        assertThat(json.code()).isEqualTo(root.get("usable").asBoolean() ? 0 : 1);
        assertThat(root.get("findings")).hasSizeGreaterThan(10).allSatisfy(finding -> {
            assertThat(finding.get("level").asText()).isIn("ok", "warning", "problem");
            assertThat(finding.get("check").asText()).isNotEmpty();
            assertThat(finding.get("detail").asText()).isNotEmpty();
            assertThat(finding.has("remedy")).isTrue();
        });
    }

    @Test
    void mistakesOfTheUserAndFailuresHaveDifferentExitCodes() {
        assertThat(Failures.exitCode(new InvalidConfiguration("x"))).isEqualTo(2);
        assertThat(Failures.exitCode(new MemoryNodeLost("x"))).isEqualTo(1);
        assertThat(Failures.exitCode(new IllegalStateException("x"))).isEqualTo(1);
    }

    @Test
    void theReadyLineCanBeReadByAProgram() throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 7471);
        assertThat(MemoryNodeCommand.readyLine("mn0", address, new TransportDescription("shm", "/dev/shm/a b", "")))
                .isEqualTo("ready name=mn0 address=127.0.0.1:7471 transport=shm device=\"/dev/shm/a b\"");
        InetSocketAddress six = new InetSocketAddress(InetAddress.getByName("::1"), 1);
        assertThat(MemoryNodeCommand.readyLine("m", six, new TransportDescription("verbs", "mlx5_0/1", "")))
                .isEqualTo("ready name=m address=[0:0:0:0:0:0:0:1]:1 transport=verbs device=mlx5_0/1");
    }

    @Test
    void exploreTellsHowFarItCame() {
        Outcome outcome = run("explore", "--scenario", "claim-claim", "--states", "1000");
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(FineMemCommand.OK);
        assertThat(outcome.out()).startsWith("claim-claim").contains("states");
    }

    @Test
    void exploreTellsAWayThroughAScenario() {
        Outcome outcome = run("explore", "--scenario", "claim-claim", "--replay", "0.0");
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(FineMemCommand.OK);
        assertThat(outcome.out()).contains("1  owner A").contains("2  owner A").contains("=> end of the trace");
    }

    @Test
    void simulateRunsASeed() {
        Outcome outcome = run("simulate", "--seed", "7");
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(FineMemCommand.OK);
        assertThat(outcome.out()).contains("seed 7").contains("1 seeds from 7: 0 failed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    explore --scenario nothing | there is no scenario named nothing
                    explore --states 0         | --states must be 1 or more
                    explore --minutes 0        | --minutes must be 1 or more
                    explore --replay 0.1       | --replay needs --scenario
                    explore --scenario claim-claim --replay x  | a trace is numbers
                    explore --scenario claim-claim --replay 99 | step 1 of the trace cannot be
                    simulate --seeds 0         | --seeds must be 1 or more
                    simulate --minutes 0       | --minutes must be 1 or more
                    simulate --seed x          | 'x' is not a long
                    doctor --seconds -1          | --seconds -1 is not valid: it must be 1 or more
                    doctor --seconds 0 --stress  | --seconds 0 is not valid: it must be 1 or more
                    doctor --seconds 3           | --seconds needs --stress
                    doctor --device rxe0         | --device needs --stress
                    """)
    void wrongUseIsOneLine(String arguments, String message) {
        Outcome outcome = run(arguments.split(" "));
        assertThat(outcome.code()).isEqualTo(FineMemCommand.USAGE);
        assertThat(outcome.err()).contains(message);
        assertThat(outcome.err().lines()).hasSize(1);
    }
}
