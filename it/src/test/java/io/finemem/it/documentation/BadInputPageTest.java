package io.finemem.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class BadInputPageTest {
    private static final String PAGE = "docs/bad-input.md";
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (?!input|---).*$");
    private static final int AT_LEAST = 40;

    @Test
    void everyLineNamesATestThatIsRun() {
        String page = Repository.read(PAGE);
        assertThat(ROW.matcher(page).results())
                .hasSizeGreaterThan(AT_LEAST)
                .allSatisfy(row ->
                        assertThat(NamedTests.in(row.group())).as(row.group()).isNotEmpty());
        assertThat(NamedTests.in(page)).allSatisfy(NamedTests::assertRun);
    }
}
