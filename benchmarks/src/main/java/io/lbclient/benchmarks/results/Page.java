package io.lbclient.benchmarks.results;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
            and the default strategy with reports of servers are not among the best.
            """;

    /** The column that says how many seeds there were, which is the same in all rows. */
    private static final int SEEDS = 2;

    private Page() {}

    static String of(List<String> summary, List<String> plots) {
        Map<String, StringBuilder> tables = new LinkedHashMap<>();
        for (String row : summary) {
            String[] cells = row.split(",", -1);
            StringBuilder table = tables.computeIfAbsent(cells[0], scenario -> head());
            for (int i = 1; i < cells.length; i++) {
                if (i == SEEDS) {
                    continue;
                }
                table.append("| ").append(cells[i]).append(' ');
            }
            table.append("|\n");
        }
        StringBuilder page =
                new StringBuilder(INTRODUCTION.formatted(summary.get(0).split(",", -1)[SEEDS]));
        tables.forEach((scenario, table) -> {
            page.append("\n## ").append(scenario).append("\n\n").append(table);
            for (String plot : plots) {
                if (plot.startsWith(scenario + ".")) {
                    page.append("\n![").append(plot).append("](").append(plot).append(")\n");
                }
            }
        });
        return page.toString();
    }

    private static StringBuilder head() {
        return new StringBuilder("| strategy | ")
                .append(String.join(" | ", Summary.COLUMNS))
                .append(" |\n| --- ")
                .append("| ---: ".repeat(Summary.COLUMNS.size()))
                .append("|\n");
    }
}
