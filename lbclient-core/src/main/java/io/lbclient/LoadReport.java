package io.lbclient;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a server says about its own load, in the terms of ORCA (Open Request Cost Aggregation).
 *
 * <p>An adapter finds it with an answer and hands it to {@link Attempt#report}; strategies read the last one of each
 * server with {@link Candidate#loadReport()}. A value that is negative, infinite or not a number counts as not
 * reported, because servers send such values and a report is never a reason to fail. Immutable and safe to share.
 *
 * @param applicationUtilization how much of its capacity the server uses, as the application sees it: 1 is all of it,
 *     and it may be more; 0 if not reported
 * @param cpuUtilization how much of its processors the server uses: 1 is all of them, and it may be more; 0 if not
 *     reported
 * @param memUtilization how much of its memory the server uses, 0 to 1; 0 if not reported
 * @param rps the requests per second that the server answers, of all its clients ({@code rps_fractional}); 0 if not
 *     reported
 * @param eps the errors per second that it answers with; 0 if not reported
 * @param metrics further values by name, such as {@code utilization.gpu} or {@code named_metrics.queue}; of more than
 *     64 the first are kept
 */
public record LoadReport(
        double applicationUtilization,
        double cpuUtilization,
        double memUtilization,
        double rps,
        double eps,
        Map<String, Double> metrics) {
    private static final int MOST_METRICS = 64;

    /**
     * Drops what is not a value, and copies the metrics.
     *
     * @param applicationUtilization how much of its capacity the server uses, as the application sees it
     * @param cpuUtilization how much of its processors the server uses
     * @param memUtilization how much of its memory the server uses
     * @param rps the requests per second that it answers
     * @param eps the errors per second that it answers with
     * @param metrics further values by name
     */
    public LoadReport {
        applicationUtilization = valueOrZero(applicationUtilization);
        cpuUtilization = valueOrZero(cpuUtilization);
        memUtilization = valueOrZero(memUtilization);
        rps = valueOrZero(rps);
        eps = valueOrZero(eps);
        metrics = copyOf(metrics);
    }

    private static double valueOrZero(double value) {
        return value >= 0 && value <= Double.MAX_VALUE ? value : 0;
    }

    private static Map<String, Double> copyOf(Map<String, Double> metrics) {
        Map<String, Double> kept = new LinkedHashMap<>();
        metrics.forEach((name, value) -> {
            if (kept.size() < MOST_METRICS && value >= 0 && value <= Double.MAX_VALUE) {
                kept.put(name, value);
            }
        });
        return Map.copyOf(kept);
    }

    /**
     * Returns the report that a response header carries.
     *
     * <p>The header is {@code endpoint-load-metrics}, whose value is {@code TEXT} or {@code JSON}, a space and the
     * report, such as {@code TEXT cpu_utilization:0.3,rps_fractional:25.5,named_metrics.queue:4} or {@code JSON
     * {"cpu_utilization": 0.3}}. The older form without the word is read as well. Names that are not known are
     * skipped. Any text may be given, from anybody: this never throws, and reads at most 8192 characters.
     *
     * @param header the header's value; null if the response has none
     * @return the report, or null if there is none that can be read as a whole
     */
    public static @Nullable LoadReport parse(@Nullable String header) {
        return header == null ? null : LoadReportParser.parse(header);
    }

    /**
     * Returns a value by the name that it has in ORCA.
     *
     * @param name {@code application_utilization}, {@code cpu_utilization}, {@code mem_utilization}, {@code
     *     rps_fractional}, {@code eps}, or the name of one of the {@link #metrics()}
     * @return the value, or 0 if it was not reported
     */
    public double metric(String name) {
        return switch (name) {
            case "application_utilization" -> applicationUtilization;
            case "cpu_utilization" -> cpuUtilization;
            case "mem_utilization" -> memUtilization;
            case "rps_fractional" -> rps;
            case "eps" -> eps;
            default -> metrics.getOrDefault(name, 0.0);
        };
    }
}
