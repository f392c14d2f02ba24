package io.lbclient;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a load report from a response header, which may hold anything: a server that is attacked, or attacks, must not
 * be able to make its clients fail, loop or store much. Bounds: the header's length, the depth of the JSON, and what a
 * {@link LoadReport} keeps. Source of the formats: Envoy's ORCA parser, and JSON as protobuf writes it.
 */
final class LoadReportParser {
    private static final int MOST_CHARACTERS = 8192;
    private static final int MOST_DEPTH = 4;
    private static final int MOST_DIGITS = 40;

    private final String text;
    private final Map<String, Double> values = new LinkedHashMap<>();
    private int at;

    private LoadReportParser(String text) {
        this.text = text;
    }

    static @Nullable LoadReport parse(String header) {
        if (header.length() > MOST_CHARACTERS) {
            return null;
        }
        String report = header.strip();
        try {
            if (report.startsWith("JSON ")) {
                return new LoadReportParser(report.substring(5).strip()).json();
            }
            if (report.startsWith("TEXT ")) {
                return new LoadReportParser(report.substring(5).strip()).plain();
            }
            LoadReportParser bare = new LoadReportParser(report);
            return report.startsWith("{") ? bare.json() : bare.plain();
        } catch (Malformed e) {
            return null;
        }
    }

    // Plain text: name:value, name:value

    private LoadReport plain() throws Malformed {
        for (String pair : text.split(",", -1)) {
            int colon = pair.indexOf(':');
            // Some servers write name=value.
            int separator = colon >= 0 ? colon : pair.indexOf('=');
            if (separator < 0) {
                throw new Malformed();
            }
            put(
                    pair.substring(0, separator).strip(),
                    number(pair.substring(separator + 1).strip()));
        }
        return report();
    }

    private void put(String name, double value) throws Malformed {
        boolean nameless = name.isEmpty() || name.endsWith(".");
        if (nameless || values.put(name, value) != null) {
            throw new Malformed();
        }
    }

    private static double number(String text) throws Malformed {
        // Java would also read "NaN", "0x1p3" and "1f".
        boolean plain = !text.isEmpty() && text.length() <= MOST_DIGITS;
        for (int i = 0; i < text.length() && plain; i++) {
            plain = "0123456789+-.eE".indexOf(text.charAt(i)) >= 0;
        }
        if (!plain) {
            throw new Malformed();
        }
        try {
            double value = Double.parseDouble(text);
            if (Double.isInfinite(value)) {
                throw new Malformed();
            }
            return value;
        } catch (NumberFormatException e) {
            throw new Malformed();
        }
    }

    private LoadReport report() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            if (name.startsWith("named_metrics.") || name.startsWith("utilization.")) {
                metrics.put(name, value);
            }
        });
        double rps = value("rps_fractional");
        return new LoadReport(
                value("application_utilization"),
                value("cpu_utilization"),
                value("mem_utilization"),
                rps > 0 ? rps : value("rps"),
                value("eps"),
                metrics);
    }

    private double value(String name) {
        return values.getOrDefault(name, 0.0);
    }

    // JSON: an object of numbers, and of objects of numbers

    private LoadReport json() throws Malformed {
        object("", 1);
        skipSpace();
        if (at < text.length()) {
            throw new Malformed();
        }
        return report();
    }

    private void object(String prefix, int depth) throws Malformed {
        expect('{');
        if (next('}')) {
            return;
        }
        do {
            String name = string();
            expect(':');
            member(prefix + (depth == 1 ? snakeCase(name) : name), depth);
        } while (next(','));
        expect('}');
    }

    private void member(String name, int depth) throws Malformed {
        skipSpace();
        char first = peek();
        if (first == '{') {
            if (depth == MOST_DEPTH) {
                throw new Malformed();
            }
            object(name + ".", depth + 1);
        } else if (first == '"') {
            // Protobuf may write a number as a string; what else a string says is of a field that is not known.
            String value = string();
            if (isKnown(name)) {
                put(name, number(value));
            }
        } else if (first == '-' || Character.digit(first, 10) >= 0) {
            put(name, number(word()));
        } else {
            String word = word();
            boolean flag = word.equals("true") || word.equals("false");
            if (!word.equals("null") && (!flag || isKnown(name))) {
                throw new Malformed();
            }
        }
    }

    private static boolean isKnown(String name) {
        return name.endsWith("utilization")
                || name.startsWith("utilization.")
                || name.startsWith("named_metrics.")
                || name.startsWith("rps")
                || name.equals("eps");
    }

    /** Protobuf writes {@code cpuUtilization} and reads {@code cpu_utilization} too. */
    private static String snakeCase(String name) {
        StringBuilder snake = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                snake.append('_').append((char) (c - 'A' + 'a'));
            } else {
                snake.append(c);
            }
        }
        return snake.toString();
    }

    private String string() throws Malformed {
        expect('"');
        int from = at;
        while (peek() != '"') {
            // No name or number of a report needs an escape.
            if (peek() == '\\' || peek() < ' ') {
                throw new Malformed();
            }
            at++;
        }
        return text.substring(from, at++);
    }

    private String word() {
        int from = at;
        while (at < text.length() && ",}] \t".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(from, at);
    }

    private void skipSpace() {
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
    }

    private char peek() throws Malformed {
        if (at >= text.length()) {
            throw new Malformed();
        }
        return text.charAt(at);
    }

    private boolean next(char wanted) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char wanted) throws Malformed {
        if (!next(wanted)) {
            throw new Malformed();
        }
    }

    /** Never leaves this class, and costs no stack trace: garbage may come with every response. */
    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed() {
            super("malformed", null, false, false);
        }
    }
}
