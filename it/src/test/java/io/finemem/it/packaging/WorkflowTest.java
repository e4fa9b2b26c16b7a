package io.finemem.it.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The workflow of GitHub Actions, as far as it can be judged without GitHub. */
class WorkflowTest {
    private static final Pattern EXPRESSION = Pattern.compile("\\$\\{\\{(.*?)}}");
    private static final Pattern HASHED = Pattern.compile("'([^']+)'");

    private final List<JsonNode> steps = new ArrayList<>();

    @BeforeEach
    void read() throws IOException {
        List<JsonNode> documents = SourceTree.yaml(".github/workflows/ci.yml");
        assertThat(documents).hasSize(1);
        JsonNode workflow = documents.get(0);
        // YAML 1.1 reads the key "on" as true.
        assertThat(workflow.has("true")).isTrue();
        assertThat(workflow.at("/permissions/contents").asText()).isEqualTo("read");
        workflow.get("jobs").forEach(job -> {
            assertThat(job.get("timeout-minutes").asInt()).isBetween(1, 60);
            job.get("steps").forEach(steps::add);
        });
    }

    private Stream<String> scripts() {
        return steps.stream().filter(step -> step.has("run")).map(step -> step.get("run")
                .asText());
    }

    @Test
    void aStepRunsSomethingOrUsesAnActionOfOneVersion() {
        assertThat(steps).isNotEmpty().allSatisfy(step -> {
            assertThat(step.has("run")).isNotEqualTo(step.has("uses"));
            if (step.has("uses")) {
                assertThat(step.get("uses").asText()).matches("[\\w-]+/[\\w-]+@v\\d+");
            }
        });
    }

    @Test
    void scriptsAreWellFormedAndTheGateIsOneOfThem() throws Exception {
        List<String> scripts = scripts().toList();
        assertThat(scripts).isNotEmpty();
        for (String script : scripts) {
            Process shell =
                    new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
            try (var in = shell.getOutputStream()) {
                in.write(EXPRESSION.matcher(script).replaceAll("x").getBytes(StandardCharsets.UTF_8));
            }
            String told = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(shell.waitFor()).as("%s%n%s", told, script).isZero();
        }
        assertThat(scripts).anySatisfy(script -> assertThat(script).contains(".ci/run"));
        assertThat(Files.isExecutable(SourceTree.ROOT.resolve(".ci/run"))).isTrue();
    }

    @Test
    void theKeyOfTheCacheFollowsFilesThatAreThere() throws IOException {
        List<JsonNode> caches = steps.stream()
                .filter(step -> step.path("uses").asText().startsWith("actions/cache@"))
                .toList();
        assertThat(caches).hasSize(1);
        String key = caches.get(0).at("/with/key").asText();
        String prefix = caches.get(0).at("/with/restore-keys").asText();
        assertThat(key).startsWith(prefix).contains("hashFiles(");
        Matcher hashed = HASHED.matcher(key);
        int patterns = 0;
        while (hashed.find()) {
            assertThat(anyFileMatches(hashed.group(1))).as(hashed.group(1)).isTrue();
            patterns++;
        }
        assertThat(patterns).isPositive();
        assertThat(caches.get(0).at("/with/path").asText().split("\n"))
                .contains("~/.m2/repository", "~/.cache/finemem");
        // What is cached is what the gate's container sees.
        assertThat(scripts()).anySatisfy(script -> assertThat(script)
                .contains("$HOME/.m2:/root/.m2", "$HOME/.cache/finemem:/root/.cache"));
    }

    private static boolean anyFileMatches(String pattern) throws IOException {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        try (Stream<Path> files = Files.find(
                SourceTree.ROOT,
                4,
                (path, attributes) ->
                        attributes.isRegularFile() && matcher.matches(SourceTree.ROOT.relativize(path)))) {
            return files.findAny().isPresent();
        }
    }

    @Test
    void expressionsNameStepsAndContextsThatAreThere() {
        List<String> ids =
                steps.stream().map(step -> step.path("id").asText("")).toList();
        Stream<String> texts = steps.stream()
                .map(JsonNode::toString)
                .flatMap(text -> EXPRESSION.matcher(text).results().map(found -> found.group(1)
                        .trim()));
        assertThat(texts).isNotEmpty().allSatisfy(expression -> {
            if (expression.startsWith("steps.")) {
                assertThat(ids).contains(expression.split("\\.", -1)[1]);
            } else {
                assertThat(expression).startsWith("hashFiles(");
            }
        });
    }
}
