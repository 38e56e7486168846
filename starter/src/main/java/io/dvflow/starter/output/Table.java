package io.dvflow.starter.output;

import java.util.ArrayList;
import java.util.List;

/** Columns as wide as their widest cell, separated by three blanks, as kubectl draws them. */
public final class Table {
    private static final String GAP = "   ";

    private final List<List<String>> rows = new ArrayList<>();

    public Table(List<String> headings) {
        rows.add(headings);
    }

    public void row(List<String> cells) {
        if (cells.size() != rows.getFirst().size()) {
            throw new IllegalArgumentException("Expected " + rows.getFirst().size() + " cells, found " + cells.size());
        }
        rows.add(cells);
    }

    public String draw() {
        var text = new StringBuilder();
        for (List<String> row : rows) {
            text.append(line(row).stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private String line(List<String> row) {
        var line = new StringBuilder();
        for (int column = 0; column < row.size(); column++) {
            line.append(padded(row.get(column), width(column))).append(GAP);
        }
        return line.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }

    private static String padded(String cell, int width) {
        return cell + " ".repeat(width - cell.length());
    }
}
