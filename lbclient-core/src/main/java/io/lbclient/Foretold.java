package io.lbclient;

import io.lbclient.Foresight.Kind;
import org.jspecify.annotations.Nullable;

/**
 * What one report of a server lets expect of its next answers. Immutable.
 *
 * <p>It is the deviation from what all servers report on average that counts, and the less the older it is: after ten answers'
 * time the queue is another one.
 *
 * @param kind what the load is
 * @param deviation by how much this report is above what servers report on average
 * @param excess the same as a part of what an answer typically takes there
 * @param at when it came, as a reading of the ticker
 * @param span in how many nanoseconds it fades
 */
record Foretold(Kind kind, double deviation, double excess, long at, double span) {
    private static final String IN_FLIGHT = "named_metrics.requests_in_flight";

    /** More in flight, or a processor used so many times, is no report but a mistake. */
    private static final double MOST_IN_FLIGHT = 1e6;

    private static final double MOST_UTILIZATION = 1e3;

    /** It fades in the time of so many answers. */
    private static final double ANSWERS = 10;

    /** Whatever is reported, an answer is not expected to take less than this part of what is typical, or more than its inverse. */
    private static final double LEAST = 0.25;

    /**
     * Returns what is to be made of a report, or null if it says nothing of the load.
     *
     * @param own how many of the requests that are in flight there are this client's, which it counts itself
     * @param answerNanos what an answer typically takes there
     */
    static @Nullable Foretold by(LoadReport report, int own, double answerNanos, Foresight foresight, long now) {
        Double inFlight = report.metrics().get(IN_FLIGHT);
        if (inFlight != null && inFlight <= MOST_IN_FLIGHT) {
            return of(Kind.IN_FLIGHT, Math.max(0, inFlight - own), answerNanos, foresight, now);
        }
        double used = utilization(report);
        return used > 0 && used <= MOST_UTILIZATION ? of(Kind.UTILIZATION, used, answerNanos, foresight, now) : null;
    }

    private static Foretold of(Kind kind, double load, double answerNanos, Foresight foresight, long now) {
        double deviation = foresight.deviation(kind, load);
        return new Foretold(kind, deviation, foresight.slope(kind) * deviation, now, ANSWERS * answerNanos);
    }

    private static double utilization(LoadReport report) {
        return report.applicationUtilization() > 0 ? report.applicationUtilization() : report.cpuUtilization();
    }

    /** What is left of it at a time, 1 to 0. */
    double left(long now) {
        double age = Math.max(0, now - at);
        return age < span ? 1 - age / span : 0;
    }

    /** How many times longer than typically an answer is expected to take. */
    double factor(long now) {
        return Math.max(LEAST, Math.min(1 / LEAST, 1 + excess * left(now)));
    }
}
