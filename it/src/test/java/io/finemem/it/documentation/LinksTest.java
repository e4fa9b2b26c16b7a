package io.finemem.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LinksTest {
    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```");
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+?) *$");
    private static final Pattern ABSOLUTE = Pattern.compile("^[a-z]+:.*");

    @Test
    void relativeLinksLeadToFilesAndHeadings() {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path file : Repository.files(".md")) {
            for (String target : relativeLinks(file)) {
                links++;
                if (!leadsSomewhere(file, target)) {
                    broken.add(Repository.name(file) + ": " + target);
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(links).as("links that were looked at").isGreaterThan(10);
    }

    private static List<String> relativeLinks(Path file) {
        String prose = FENCED.matcher(Repository.read(file)).replaceAll("");
        return LINK.matcher(prose)
                .results()
                .map(match -> match.group(1))
                .filter(target -> !ABSOLUTE.matcher(target).matches())
                .toList();
    }

    private static boolean leadsSomewhere(Path file, String link) {
        int hash = link.indexOf('#');
        String path = hash < 0 ? link : link.substring(0, hash);
        Path target = path.isEmpty() ? file : file.resolveSibling(decoded(path)).normalize();
        if (!target.startsWith(Repository.ROOT) || !Files.exists(target)) {
            return false;
        }
        return hash < 0 || anchors(target).contains(link.substring(hash + 1));
    }

    private static String decoded(String path) {
        return URLDecoder.decode(path, StandardCharsets.UTF_8);
    }

    private static Set<String> anchors(Path file) {
        String prose = FENCED.matcher(Repository.read(file)).replaceAll("");
        return HEADING.matcher(prose).results().map(LinksTest::anchor).collect(Collectors.toSet());
    }

    private static String anchor(MatchResult heading) {
        String text = heading.group(1).toLowerCase(Locale.ROOT);
        return text.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
    }
}
