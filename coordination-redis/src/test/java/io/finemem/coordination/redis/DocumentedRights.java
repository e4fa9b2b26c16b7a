package io.finemem.coordination.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The rights that docs/redis.md tells operators to give: tests run with these and no others. */
final class DocumentedRights {
    static final String PASSWORD = "us3r-s3cret";

    private static final Path DOCUMENT = Path.of("../docs/redis.md");

    private DocumentedRights() {}

    /** Options of redis.conf that make this user, by all lines {@code ACL SETUSER user ...} up to the given one. */
    static String option(String user, int lines) {
        try {
            List<String> documented = Pattern.compile("(?m)^ACL SETUSER " + user + " (.*)$")
                    .matcher(Files.readString(DOCUMENT))
                    .results()
                    .map((MatchResult line) -> line.group(1))
                    .toList();
            assertThat(documented).as("ACL lines of %s in %s", user, DOCUMENT).hasSizeGreaterThanOrEqualTo(lines);
            String rights = String.join(" ", documented.subList(0, lines));
            return "user " + user + " " + rights.replace(">PASSWORD", ">" + PASSWORD);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
