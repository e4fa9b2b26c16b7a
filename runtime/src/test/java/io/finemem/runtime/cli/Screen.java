package io.finemem.runtime.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a terminal shows after some output: as much of a VT100 as {@code finemem top} uses; what it does not know is a failure. Not
 * thread-safe.
 */
final class Screen {
    private static final Pattern SEQUENCE = Pattern.compile("\u001b\\[(\\??)(\\d*)([A-Za-z])");

    private int rows;
    private int columns;
    private final List<StringBuilder> lines = new ArrayList<>();
    private int row;
    private int column;
    private boolean fits = true;
    private boolean alternate;
    private boolean cursorShown = true;

    Screen(int rows, int columns) {
        resize(rows, columns);
    }

    /** What is on it stays where it is. */
    void resize(int newRows, int newColumns) {
        rows = newRows;
        columns = newColumns;
        while (lines.size() < rows) {
            lines.add(new StringBuilder());
        }
        while (lines.size() > rows) {
            lines.remove(lines.size() - 1);
        }
        lines.forEach(line -> line.setLength(Math.min(line.length(), columns)));
        row = Math.min(row, rows - 1);
        column = Math.min(column, columns);
    }

    /**
     * Takes output.
     *
     * @return how many characters were taken; a sequence that is not whole yet is left
     */
    int take(String output) {
        int at = 0;
        while (at < output.length()) {
            char next = output.charAt(at);
            if (next == '\u001b') {
                Matcher sequence = SEQUENCE.matcher(output).region(at, output.length());
                if (!sequence.lookingAt()) {
                    return at;
                }
                apply(sequence.group(1) + sequence.group(2) + sequence.group(3));
                at = sequence.end();
            } else {
                put(next);
                at++;
            }
        }
        return at;
    }

    private void put(char character) {
        switch (character) {
            case '\r' -> column = 0;
            case '\n' -> feed();
            default -> {
                if (column >= columns) {
                    fits = false;
                    return;
                }
                StringBuilder line = lines.get(row);
                while (line.length() <= column) {
                    line.append(' ');
                }
                line.setCharAt(column++, character);
            }
        }
    }

    private void feed() {
        if (row < rows - 1) {
            row++;
        } else if (alternate) {
            fits = false;
        } else {
            lines.remove(0);
            lines.add(new StringBuilder());
        }
    }

    private void apply(String sequence) {
        switch (sequence) {
            case "H" -> {
                row = 0;
                column = 0;
                fits = true;
            }
            case "K" -> clearLine();
            case "J" -> {
                clearLine();
                lines.subList(row + 1, rows).forEach(line -> line.setLength(0));
            }
            case "?1049h" -> {
                alternate = true;
                lines.forEach(line -> line.setLength(0));
            }
            case "?1049l" -> alternate = false;
            case "?25h" -> cursorShown = true;
            case "?25l" -> cursorShown = false;
            default -> throw new AssertionError("unknown sequence " + sequence);
        }
    }

    private void clearLine() {
        StringBuilder line = lines.get(row);
        line.setLength(Math.min(line.length(), column));
    }

    /** Its lines without blanks at their ends. */
    List<String> lines() {
        return lines.stream().map(line -> line.toString().stripTrailing()).toList();
    }

    /** Whether what was drawn since the cursor was at home had room; the rest was dropped. */
    boolean fits() {
        return fits;
    }

    /** Whether it is the screen of a program, which hides what was there before. */
    boolean alternate() {
        return alternate;
    }

    /** Whether the cursor is seen. */
    boolean cursorShown() {
        return cursorShown;
    }
}
