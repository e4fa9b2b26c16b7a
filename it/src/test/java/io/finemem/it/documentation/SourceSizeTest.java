package io.finemem.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A Java file that outgrows what can be read in one go is split. */
class SourceSizeTest {
    private static final int LINES_MAX = 400;

    @Test
    void javaFilesHaveAtMostFourHundredLines() {
        Map<String, Long> tooLong = new TreeMap<>();
        int seen = 0;
        for (Path file : Repository.files(".java")) {
            seen++;
            String name = Repository.name(file);
            long lines = Repository.read(file).lines().count();
            if (lines > LINES_MAX) {
                tooLong.put(name, lines);
            }
        }
        assertThat(tooLong).isEmpty();
        assertThat(seen).as("files that were looked at").isGreaterThan(100);
    }
}
