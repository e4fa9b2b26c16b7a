package io.finemem.runtime.top;

import java.util.ArrayList;
import java.util.List;

/** Columns as wide as what is in them; the first ones, of text, to the left, the others to the right. */
final class Table {
    private final int texts;
    private final List<List<String>> rows = new ArrayList<>();

    /** @param texts how many columns are text */
    Table(int texts, String... header) {
        this.texts = texts;
        rows.add(List.of(header));
    }

    void row(String... cells) {
        rows.add(List.of(cells));
    }

    List<String> lines() {
        return rows.stream().map(this::line).toList();
    }

    private String line(List<String> row) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < row.size(); column++) {
            int width = width(column);
            String cell = row.get(column);
            String pad = " ".repeat(width - cell.length());
            line.append(column == 0 ? "" : "  ").append(column < texts ? cell + pad : pad + cell);
        }
        return line.toString().stripTrailing();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }
}
