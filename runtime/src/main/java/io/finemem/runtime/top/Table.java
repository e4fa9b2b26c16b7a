package io.finemem.runtime.top;

import java.util.ArrayList;
import java.util.List;

/** Columns as wide as what is in them; the first ones, of text, to the left, the others to the right. */
final class Table {
    private static final String GAP = "  ";

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

    /** Whether there is more than a header. */
    boolean hasRows() {
        return rows.size() > 1;
    }

    /** Columns that do not fit beside each other are continued below, beside the first column again. */
    List<String> lines(int columns) {
        List<String> lines = new ArrayList<>();
        int next = 1;
        while (next < rows.get(0).size()) {
            int end = lastThatFits(next, columns) + 1;
            for (List<String> row : rows) {
                lines.add(line(row, next, end));
            }
            next = end;
        }
        return lines;
    }

    /** The last column of those from {@code first} on that fit; at least that one. */
    private int lastThatFits(int first, int columns) {
        int last = first;
        int used = width(0) + GAP.length() + width(first);
        while (last + 1 < rows.get(0).size() && used + GAP.length() + width(last + 1) <= columns) {
            last++;
            used += GAP.length() + width(last);
        }
        return last;
    }

    private String line(List<String> row, int first, int end) {
        StringBuilder line = new StringBuilder(cell(row, 0));
        for (int column = first; column < end; column++) {
            line.append(GAP).append(cell(row, column));
        }
        return line.toString().stripTrailing();
    }

    private String cell(List<String> row, int column) {
        String cell = row.get(column);
        String pad = " ".repeat(width(column) - cell.length());
        return column < texts ? cell + pad : pad + cell;
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }
}
