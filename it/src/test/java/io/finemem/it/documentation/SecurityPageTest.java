package io.finemem.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SecurityPageTest {
    private static final String PAGE = "docs/security.md";
    private static final int CASES = 19;
    private static final Pattern ROW = Pattern.compile("(?m)^\\| S(\\d+) \\|.*$");

    @Test
    void everyCaseIsThereOnceAndNamesATest() {
        List<MatchResult> rows = ROW.matcher(Repository.read(PAGE)).results().toList();
        assertThat(rows.stream().map(row -> Integer.valueOf(row.group(1))))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, CASES).boxed().toList());
        assertThat(rows)
                .allSatisfy(row -> assertThat(NamedTests.in(row.group())).isNotEmpty());
    }

    @Test
    void everyNamedTestIsRun() {
        assertThat(NamedTests.in(Repository.read(PAGE))).allSatisfy(NamedTests::assertRun);
    }
}
