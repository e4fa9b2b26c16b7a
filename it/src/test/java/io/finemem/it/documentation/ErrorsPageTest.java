package io.finemem.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.api.ErrorCode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ErrorsPageTest {
    private static final String PAGE = "docs/errors.md";
    private static final int MEANINGFUL_CHARACTERS = 80;
    private static final Pattern ENTRY = Pattern.compile("(?ms)^### (\\d+ \\w+)\n\n(.*?)(?=^##|\\z)");
    private static final Pattern CATEGORY = Pattern.compile("(?m)^## .*\\(`(\\w+)`\\)$");

    @Test
    void everyCodeHasAParagraphInTheOrderOfNumbers() {
        List<String> entries = ENTRY.matcher(Repository.read(PAGE))
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(entries)
                .containsExactlyElementsOf(Arrays.stream(ErrorCode.values())
                        .map(code -> code.number() + " " + code)
                        .toList());
    }

    @Test
    void everyParagraphSaysSomething() {
        assertThat(ENTRY.matcher(Repository.read(PAGE)).results())
                .allSatisfy(match -> assertThat(match.group(2).strip().length()).isGreaterThan(MEANINGFUL_CHARACTERS));
    }

    @Test
    void codesStandUnderTheirCategory() {
        String page = Repository.read(PAGE);
        for (ErrorCode code : ErrorCode.values()) {
            String before = page.substring(0, page.indexOf("### " + code.number() + " "));
            Matcher category = CATEGORY.matcher(before);
            String last = "";
            while (category.find()) {
                last = category.group(1);
            }
            assertThat(last.toUpperCase(Locale.ROOT))
                    .as(code.name())
                    .isEqualTo(code.category().name());
        }
    }
}
