package io.lbclient.examples.demo;

import io.lbclient.examples.shared.Answer;
import java.util.Collection;
import org.HdrHistogram.Histogram;

/**
 * Latencies of some requests, in milliseconds; NaN where there were none.
 *
 * @param count how many
 * @param p50 half took no longer
 * @param p99 99 of 100 took no longer
 * @param max the longest
 */
record Latencies(long count, double p50, double p99, double max) {
    private static final int DIGITS = 3;

    static Latencies of(Collection<Answer> answers) {
        Histogram micros = new Histogram(DIGITS);
        micros.setAutoResize(true);
        answers.forEach(a -> micros.recordValue(Math.max(0, a.latencyNanos() / 1_000)));
        if (micros.getTotalCount() == 0) {
            return new Latencies(0, Double.NaN, Double.NaN, Double.NaN);
        }
        return new Latencies(
                micros.getTotalCount(),
                micros.getValueAtPercentile(50) / 1e3,
                micros.getValueAtPercentile(99) / 1e3,
                micros.getMaxValue() / 1e3);
    }
}
