package io.lbclient.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes what JMH measured as a Markdown table: a row for each algorithm, a column for each number of servers, and in each
 * cell the nanoseconds for one request, and the bytes where they were measured. One table for each number of threads.
 */
public final class MarkdownTable {
    /** JMH writes one value on each line, the memory's after the time's. */
    private static final Pattern LINE = Pattern.compile("\"([^\"]+)\"\\s*:\\s*\"?([^\",{\\[]*)\"?,?\\s*([{\\[]?)");

    /** The figures of one algorithm, by the number of servers. */
    private record Row(Map<Integer, Double> nanos, Map<Integer, Double> bytes) {
        Row() {
            this(new TreeMap<>(), new TreeMap<>());
        }
    }

    private final Map<Integer, Map<String, Row>> tables = new TreeMap<>();

    private int threads;
    private String benchmark = "";
    private String algorithm = "";
    private int servers;
    private String metric = "";

    private MarkdownTable() {}

    /**
     * Reads results and prints the tables.
     *
     * @param files files that JMH wrote with {@code -rf json}
     * @throws IOException if one cannot be read
     */
    public static void main(String[] files) throws IOException {
        MarkdownTable table = new MarkdownTable();
        for (String file : files) {
            for (String line : Files.readAllLines(Path.of(file))) {
                Matcher matcher = LINE.matcher(line.strip());
                if (matcher.matches()) {
                    table.read(matcher.group(1), matcher.group(2));
                }
            }
        }
        System.out.print(table);
    }

    private void read(String name, String value) {
        switch (name) {
            case "benchmark" -> benchmark = value.replaceAll(".*\\.(\\w+)\\.\\w+$", "$1");
            case "threads" -> threads = Integer.parseInt(value);
            case "algorithm" -> algorithm = value;
            case "servers" -> servers = Integer.parseInt(value);
            case "primaryMetric" -> metric = "time";
            case "score" -> score(Double.parseDouble(value));
            default -> {
                if (name.contains("gc.") || name.equals("secondaryMetrics")) {
                    metric = name.endsWith("gc.alloc.rate.norm") ? "bytes" : "";
                }
            }
        }
    }

    private void score(double value) {
        Row row = tables.computeIfAbsent(threads, t -> new LinkedHashMap<>())
                .computeIfAbsent(benchmark + " " + algorithm, name -> new Row());
        if (metric.equals("time")) {
            row.nanos.put(servers, value);
        } else if (metric.equals("bytes")) {
            row.bytes.put(servers, value);
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        tables.forEach((count, rows) -> {
            text.append(count == 1 ? "1 thread" : count + " threads").append(", ns and B for each request\n\n");
            List<String> header = new ArrayList<>(List.of("algorithm"));
            TreeSet<Integer> sizes = new TreeSet<>();
            rows.values().forEach(row -> sizes.addAll(row.nanos.keySet()));
            sizes.forEach(size -> header.add(String.valueOf(size)));
            line(text, header);
            text.append("| ---").append(" | ---:".repeat(header.size() - 1)).append(" |\n");
            rows.forEach((name, row) -> {
                List<String> cells = new ArrayList<>(List.of(name));
                sizes.forEach(size -> cells.add(cell(row, size)));
                line(text, cells);
            });
            text.append('\n');
        });
        return text.toString();
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static String cell(Row row, int size) {
        Double nanos = row.nanos.get(size);
        Double bytes = row.bytes.get(size);
        if (nanos == null) {
            return "";
        }
        String time = String.format(Locale.ROOT, nanos < 1000 ? "%.1f" : "%.0f", nanos);
        return bytes == null ? time : time + String.format(Locale.ROOT, " (%.0f)", bytes);
    }
}
