package io.lbclient.examples.resilience;

import io.lbclient.examples.shared.Answer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What became of some requests. Safe for use by many threads. */
final class Tally {
    private static final int DIGITS = 3;

    private final LongAdder requests = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder cut = new LongAdder();
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    private final Histogram micros = new ConcurrentHistogram(DIGITS);

    Tally() {
        micros.setAutoResize(true);
    }

    void add(Answer answer) {
        requests.increment();
        if (answer.cut()) {
            cut.increment();
        } else if (answer.failed()) {
            failed(answer.error());
        } else {
            micros.recordValue(Math.max(0, answer.latencyNanos() / 1000));
        }
    }

    void failed(String why) {
        failed.increment();
        failures.computeIfAbsent(why, w -> new LongAdder()).increment();
    }

    long requests() {
        return requests.sum();
    }

    /** Requests that ended in an error before any of their answer was read. */
    long errors() {
        return failed.sum();
    }

    /** Requests whose answer had begun when its body broke off. */
    long cuts() {
        return cut.sum();
    }

    Map<String, LongAdder> failures() {
        return failures;
    }

    /** Takes in how long the requests of another one took. */
    void include(Tally other) {
        micros.add(other.micros);
    }

    /** The part of the requests that ended well after more than so many milliseconds, 0 to 1. */
    double slowerThan(double millis) {
        long most = (long) (millis * 1e3);
        long slow = micros.getTotalCount() - micros.getCountBetweenValues(0, most);
        return (double) slow / micros.getTotalCount();
    }

    double percentile(double percent) {
        return micros.getValueAtPercentile(percent) / 1e3;
    }
}
