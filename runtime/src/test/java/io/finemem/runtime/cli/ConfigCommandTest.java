package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigCommandTest {
    @TempDir
    private Path directory = Path.of(".");

    private record Outcome(int code, String out, String err) {}

    private static Outcome run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = FineMemCommand.execute(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Outcome(code, out.toString(), err.toString());
    }

    private String file(String text) throws IOException {
        return Files.writeString(directory.resolve("node.conf"), text).toString();
    }

    @Test
    void showNamesValueAndSourceOfEveryKey() throws IOException {
        String file = file("finemem {\n  client.workers = 3\n}\n");
        Outcome shown = run("config", "show", "-c", file, "--set", "finemem.client.name=web");
        assertThat(shown.code()).as(shown.err()).isZero();
        assertThat(shown.out().lines())
                .contains("finemem.client.workers = 3  # " + file + ":2")
                .contains("finemem.client.name = \"web\"  # command line")
                .contains("finemem.memory-node.pool = \"64MiB\"  # default");
    }

    @Test
    void changedLeavesTheDefaultsOut() throws IOException {
        String file = file("finemem.client.workers = 3\n");
        assertThat(run("config", "show", "--changed", "-c", file).out())
                .isEqualTo("finemem.client.workers = 3  # " + file + ":1\n");
    }

    @Test
    void secretsAreMaskedAndPathsOfSecretsAreNot() throws IOException {
        String file = file(
                """
                finemem {
                  secret-file = /etc/finemem/secret
                  redis { password = hunter2, url = "redis://user:hunter2@host:6379/0" }
                  list = [ { token = hunter2, name = a } ]
                  empty.password = ""
                }
                """);
        Outcome shown = run("config", "show", "--changed", "-c", file);
        assertThat(shown.out())
                .doesNotContain("hunter2")
                .contains("finemem.secret-file = \"/etc/finemem/secret\"")
                .contains("finemem.redis.password = ********")
                .contains("redis://********@host:6379/0")
                .contains("[{name: \"a\", token: ********}]")
                .contains("finemem.empty.password = \"\"");
    }

    @Test
    void jsonHasTheSameSettings() throws IOException {
        String file = file("finemem.client.workers = 3\n");
        JsonNode settings = new ObjectMapper()
                .readTree(
                        run("config", "show", "--changed", "--json", "-c", file).out());
        assertThat(settings).hasSize(1);
        assertThat(settings.get(0).get("key").asText()).isEqualTo("finemem.client.workers");
        assertThat(settings.get(0).get("value").asText()).isEqualTo("3");
        assertThat(settings.get(0).get("default").asBoolean()).isFalse();
    }

    @Test
    void checkSaysAllMistakesOfARoleAtOnce() throws IOException {
        String file = file("finemem { memory-node { pool = 3MiB, leese = 1s }, client.workers = 0 }\n");
        Outcome checked = run("config", "check", "--role", "memory-node", "-c", file);
        assertThat(checked.code()).isEqualTo(FineMemCommand.USAGE);
        assertThat(checked.err())
                .contains("finemem.memory-node.pool = 3MiB is not valid")
                .contains("unknown key finemem.memory-node.leese: did you mean finemem.memory-node.lease?")
                .contains("finemem.secret-file is not set")
                .doesNotContain("Exception");
        assertThat(checked.out()).isEmpty();
    }

    @Test
    void checkIsSilentAboutOtherRoles() throws IOException {
        String file = file("finemem.client.workers = 0\nfinemem.secret-file = s\n");
        assertThat(run("config", "check", "--role", "memory-node", "-c", file).out())
                .isEqualTo("good for memory-node\n");
        assertThat(run("config", "check", "--role", "embedded", "-c", file).err())
                .contains("finemem.client.workers = 0 is not valid");
    }

    @Test
    void unknownRoleIsWrongUsageAndTheRolesAreListed() {
        Outcome checked = run("config", "check", "--role", "king");
        assertThat(checked.code()).isEqualTo(FineMemCommand.USAGE);
        assertThat(checked.err()).contains("king").contains("memory-node, compute-node, client, embedded");
    }

    @Test
    void configAloneIsWrongUsage() {
        assertThat(run("config").code()).isEqualTo(FineMemCommand.USAGE);
    }
}
