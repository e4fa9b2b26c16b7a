package io.finemem.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page on writing a transport shows code of the example transport. */
class TransportGuideTest {
    private static final String EXAMPLE = "examples/src/main/java/io/finemem/examples/transport/";
    private static final Pattern JAVA = Pattern.compile("(?ms)^```java\n(.*?)^```");

    @Test
    void everyBlockOfCodeIsInTheExample() {
        List<String> sources = Repository.files(".java").stream()
                .filter(file -> Repository.name(file).startsWith(EXAMPLE))
                .map(file -> compact(Repository.read(file)))
                .toList();
        List<String> blocks = JAVA.matcher(Repository.read("docs/writing-a-transport.md"))
                .results()
                .map((MatchResult match) -> compact(match.group(1)))
                .toList();
        assertThat(blocks).isNotEmpty().allSatisfy(block -> assertThat(sources)
                .anyMatch(source -> source.contains(block)));
    }

    private static String compact(String code) {
        return code.replaceAll("\\s+", " ").strip();
    }
}
