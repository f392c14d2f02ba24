package io.lbclient.examples.resilience;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What became of some requests. Safe for use by many threads. */
final class Tally {
    private static final int DIGITS = 3;

    private final LongAdder sent = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder cut = new LongAdder();
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    private final Histogram micros = new ConcurrentHistogram(DIGITS);

    Tally() {
        micros.setAutoResize(true);
    }

    void sent() {
        sent.increment();
    }

    void answered(long nanos) {
        micros.recordValue(Math.max(0, nanos / 1000));
    }

    void failed(String why) {
        failed.increment();
        failures.computeIfAbsent(why, w -> new LongAdder()).increment();
    }

    /** The answer had begun, and its body broke off. */
    void cut() {
        cut.increment();
    }

    long requests() {
        return sent.sum();
    }

    /** Requests that ended in an error before any of their answer was read. */
    long errors() {
        return failed.sum();
    }

    long cuts() {
        return cut.sum();
    }

    Map<String, LongAdder> failures() {
        return failures;
    }

    double percentile(double percent) {
        return micros.getValueAtPercentile(percent) / 1e3;
    }
}
