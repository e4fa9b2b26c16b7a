package io.finemem.it.documentation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Makes docs/configuration.md of reference.conf. It knows the form of that file: one key or bracket per line, comments above
 * what they belong to, and an empty line after a comment that belongs to the whole section.
 */
final class ConfigurationPage {
    private final StringBuilder page = new StringBuilder();
    private final Deque<String> path = new ArrayDeque<>();
    private final List<String> comment = new ArrayList<>();
    private final List<String> keys = new ArrayList<>();
    private boolean inTable;

    private ConfigurationPage() {}

    static String of(String reference) {
        ConfigurationPage page = new ConfigurationPage();
        page.page
                .append("# Configuration\n\n<!-- Made of runtime/src/main/resources/reference.conf. ")
                .append("To make it anew: ")
                .append(ConfigurationPageTest.COMMAND)
                .append(" -->\n");
        reference.lines().map(String::strip).forEach(page::line);
        return page.page.toString();
    }

    private void line(String line) {
        if (line.isEmpty()) {
            endGroup();
        } else if (line.startsWith("#")) {
            flushKeys();
            comment.add(line.substring(1).strip());
        } else if (line.endsWith("{")) {
            open(line.substring(0, line.length() - 1).strip());
        } else if (line.equals("}")) {
            endGroup();
            path.removeLast();
            inTable = false;
        } else {
            keys.add(line);
        }
    }

    private void open(String section) {
        flushKeys();
        path.addLast(section);
        inTable = false;
        page.append("\n## `").append(String.join(".", path)).append("`\n");
        flushProse();
    }

    private void endGroup() {
        flushKeys();
        flushProse();
    }

    private void flushProse() {
        if (!comment.isEmpty()) {
            page.append('\n').append(String.join("\n", comment)).append('\n');
            comment.clear();
            inTable = false;
        }
    }

    private void flushKeys() {
        if (keys.isEmpty()) {
            return;
        }
        if (!inTable) {
            page.append("\n| key | default | meaning |\n| --- | --- | --- |\n");
            inTable = true;
        }
        page.append("| ").append(cells(0)).append(" | ").append(cells(1)).append(" | ");
        page.append(String.join(" ", comment).replace("|", "\\|")).append(" |\n");
        keys.clear();
        comment.clear();
    }

    /** Keys (0) or defaults (1) of the group; a default that they share stands once. */
    private String cells(int side) {
        return String.join(
                "<br>",
                keys.stream()
                        .map(key -> "`" + key.split("=", 2)[side].strip() + "`")
                        .distinct()
                        .toList());
    }
}
