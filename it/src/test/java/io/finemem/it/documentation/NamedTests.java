package io.finemem.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Tests that a page names, as {@code Class.method} in backquotes. */
final class NamedTests {
    /**
     * A named test.
     *
     * @param type simple name of its class
     */
    record Named(String type, String method) {}

    private static final Pattern NAME = Pattern.compile("`([A-Z]\\w*(?:Test|Contract))\\.(\\w+)`");
    private static final Pattern ANNOTATION = Pattern.compile("@(?:Test|ParameterizedTest|RepeatedTest)\\b");
    private static final Map<String, Path> TESTS = Repository.files(".java").stream()
            .filter(file -> file.getFileName().toString().matches("\\w+(Test|Contract)\\.java"))
            .collect(Collectors.toMap(
                    file -> file.getFileName().toString().replace(".java", ""),
                    Function.identity(),
                    (one, other) -> one.toString().contains("src/test") ? one : other));

    private NamedTests() {}

    /** Whether a file may have classes that run the tests of a contract. */
    private static boolean runs(Path file) {
        return file.toString().contains("/src/test/") || file.toString().contains("/tck/src/main/");
    }

    static List<Named> in(String text) {
        return NAME.matcher(text)
                .results()
                .map(match -> new Named(match.group(1), match.group(2)))
                .toList();
    }

    /** The method exists, is a test, and if its class is abstract another one extends it. */
    static void assertRun(Named named) {
        List<String> sources = TESTS.values().stream()
                .filter(file -> file.getFileName().toString().equals(named.type() + ".java"))
                .map(Repository::read)
                .toList();
        assertThat(sources).as("test class %s", named.type()).hasSize(1);
        String source = sources.get(0);
        int at = source.indexOf(" " + named.method() + "(");
        assertThat(at).as("%s.%s", named.type(), named.method()).isPositive();
        int before = Math.max(source.lastIndexOf("\n    }\n", at), source.indexOf('{'));
        assertThat(ANNOTATION.matcher(source.substring(before, at)).find())
                .as("%s.%s is a test", named.type(), named.method())
                .isTrue();
        if (source.contains("abstract class " + named.type())) {
            assertThat(Repository.files(".java").stream()
                            .filter(NamedTests::runs)
                            .map(Repository::read))
                    .as("a class that runs %s", named.type())
                    .anyMatch(other -> other.contains(" extends " + named.type() + " ")
                            || other.contains(" extends " + named.type() + "<"));
        }
    }
}
