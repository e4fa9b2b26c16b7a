package io.finemem.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whatever doctor looks at is explained by name. */
class TroubleshootingPageTest {
    private static final Pattern CHECK = Pattern.compile(
            "(?:NAME = |Finding\\.(?:ok|warning|problem)\\(\\s*)\"([^\"]+)\"|Stream\\.of\\(\"(lib[^\"]+)\", \"(lib[^\"]+)\"");

    @Test
    void everyCheckOfDoctorIsOnThePage() {
        String page = Repository.read("docs/troubleshooting.md");
        List<String> checks = Repository.files(".java").stream()
                .filter(file -> Repository.name(file).contains("/main/java/io/finemem/runtime/doctor/"))
                .flatMap(file -> CHECK.matcher(Repository.read(file)).results())
                .flatMap(match -> Stream.of(match.group(1), match.group(2), match.group(3)))
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        assertThat(checks).hasSizeGreaterThan(10).allSatisfy(check -> assertThat(page)
                .contains("`" + check + "`"));
    }
}
