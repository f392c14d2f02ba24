package io.lbclient.benchmarks.results;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The page with all tables, in Markdown; made of nothing but the summary. */
final class Page {
    static final String FILE = "README.md";

    private static final String INTRODUCTION = """
            # What the strategies do in the simulator

            Written by a program; do not edit. How it is made, what the scenarios are, and what each figure means:
            [simulator.md](../simulator.md). `seed-1.csv` has the figures of the first seed to the last digit; a test compares
            them with those of the present code.

            Times are in milliseconds. Means over %s seeds, except in the columns that say worst, and in those that say best: the
            figure over that of the best strategy with the same seed, for the worst seed. The omniscient bound, hashing,
            and the default strategy with reports of servers are not among the best. A table has no column that would be empty, or
            would say of every strategy that there were no errors, or no request but the first; `summary.csv` has them all.
            """;

    private static final List<String> HEAD = Stream.concat(
                    Stream.of("scenario", "strategy", "seeds"), Summary.COLUMNS.stream())
            .toList();

    private static final Set<String> TROUBLE = Set.of("errors %", "errors % worst", "errors / best", "responses");
    private static final Set<String> NO_TROUBLE = Set.of("0.000", "1.000");

    private static final int STRATEGY = 1;
    private static final int SEEDS = 2;

    private Page() {}

    static String of(List<String> summary, List<String> plots) {
        Map<String, List<List<String>>> scenarios = new LinkedHashMap<>();
        for (String row : summary) {
            List<String> cells = List.of(row.split(",", -1));
            scenarios
                    .computeIfAbsent(cells.get(0), scenario -> new ArrayList<>())
                    .add(cells);
        }
        StringBuilder page =
                new StringBuilder(INTRODUCTION.formatted(summary.get(0).split(",", -1)[SEEDS]));
        scenarios.forEach((scenario, rows) -> {
            page.append("\n## ").append(scenario).append("\n\n").append(table(rows));
            for (String plot : plots) {
                if (plot.startsWith(scenario + ".")) {
                    page.append("\n![").append(plot).append("](").append(plot).append(")\n");
                }
            }
        });
        return page.toString();
    }

    private static StringBuilder table(List<List<String>> rows) {
        int[] columns = IntStream.range(STRATEGY, HEAD.size())
                .filter(i -> i != SEEDS && tells(rows, i))
                .toArray();
        StringBuilder table = new StringBuilder();
        line(table, HEAD, columns);
        table.append("| --- ").append("| ---: ".repeat(columns.length - 1)).append("|\n");
        rows.forEach(row -> line(table, row, columns));
        return table;
    }

    private static boolean tells(List<List<String>> rows, int column) {
        List<String> cells =
                rows.stream().map(row -> row.get(column)).distinct().toList();
        boolean nothing =
                cells.get(0).isEmpty() || (TROUBLE.contains(HEAD.get(column)) && NO_TROUBLE.contains(cells.get(0)));
        return cells.size() > 1 || !nothing;
    }

    private static void line(StringBuilder table, List<String> cells, int[] columns) {
        for (int column : columns) {
            table.append("| ").append(cells.get(column)).append(' ');
        }
        table.append("|\n");
    }
}
