package io.finemem.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.runtime.cli.FineMemCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The README shows the code of the examples, and commands and options that exist. */
class ReadmeTest {
    private static final String README = Repository.read("README.md");
    private static final String EXAMPLES = "examples/src/main/java/io/finemem/examples/";
    private static final Pattern FENCED = Pattern.compile("(?ms)^```(\\w+)\n(.*?)^```");
    private static final Pattern INLINE = Pattern.compile("`(\\./finemem [^`]+|mvn [^`]+)`");
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]*");
    private static final Set<String> SCRIPTS = Set.of("guest", "test");

    @ParameterizedTest
    @ValueSource(strings = {"HelloBlock", "GuiceApplication", "BuilderApplication"})
    void codeIsThatOfTheExample(String example) {
        List<String> code = blocks("java").map(ReadmeTest::compact).toList();
        String source = compact(Repository.read(EXAMPLES + example + ".java"));
        assertThat(README).contains(EXAMPLES + example + ".java");
        assertThat(code).as("code blocks of the README").anyMatch(block -> source.contains(block) && !block.isBlank());
    }

    @Test
    void everyBlockOfCodeIsInAnExample() {
        List<String> sources = Repository.files(".java").stream()
                .filter(file -> Repository.name(file).startsWith(EXAMPLES))
                .map(file -> compact(Repository.read(file)))
                .toList();
        assertThat(blocks("java").map(ReadmeTest::compact)).isNotEmpty().allSatisfy(block -> assertThat(sources)
                .anyMatch(source -> source.contains(block)));
    }

    @Test
    void commandsAndTheirOptionsExist() {
        List<String> commands = commands();
        assertThat(commands).hasSizeGreaterThan(5);
        for (String command : commands) {
            String[] words = command.split("\\s+");
            if (words[0].equals("./finemem")) {
                String help = help(words[1]);
                String own = command.contains(" -- ") ? command.substring(0, command.indexOf(" -- ")) : command;
                assertThat(OPTION.matcher(own).results().map(MatchResult::group))
                        .as(command)
                        .allSatisfy(option -> assertThat(help).contains(option));
            } else if (words[0].contains("/")) {
                assertThat(Repository.ROOT.resolve(words[0])).as(command).isExecutable();
            }
        }
    }

    @Test
    void modulesOfMavenCommandsExist() {
        List<String> modules = new ArrayList<>();
        for (String command : commands()) {
            List<String> words = Arrays.asList(command.split("\\s+"));
            int option = words.indexOf("-pl");
            if (option > 0) {
                modules.addAll(List.of(words.get(option + 1).split(",")));
            }
        }
        assertThat(modules).isNotEmpty().allSatisfy(module -> assertThat(
                        Files.exists(Repository.ROOT.resolve(module).resolve("pom.xml")))
                .as(module)
                .isTrue());
    }

    /** Lines of shell blocks that a person types, and commands within a sentence. */
    private static List<String> commands() {
        Stream<String> typed = blocks("sh")
                .flatMap(String::lines)
                .map(line ->
                        line.replaceFirst("^\\$ ", "").replaceFirst(" +#.*", "").strip())
                .filter(line -> line.matches("(\\./finemem|mvn|scripts/|\\.ci/).*"));
        Stream<String> inline = INLINE.matcher(README).results().map(match -> match.group(1));
        return Stream.concat(typed, inline).toList();
    }

    private static Stream<String> blocks(String language) {
        return FENCED.matcher(README)
                .results()
                .filter(match -> match.group(1).equals(language))
                .map(match -> match.group(2));
    }

    private static String compact(String code) {
        return code.replaceAll("\\s+", " ").strip();
    }

    private static String help(String command) {
        if (SCRIPTS.contains(command)) {
            return Repository.read("scripts/" + command + "/" + command + ".sh");
        }
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = FineMemCommand.execute(new PrintWriter(out, true), new PrintWriter(err, true), command, "--help");
        assertThat(status).as("finemem %s --help: %s", command, err).isZero();
        return out.toString();
    }
}
