package io.lbclient.health;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * Finds the outliers among the success rates of one finished interval. Reads what was counted and changes nothing, so
 * that the next detector sees the same figures.
 */
final class RateDetector {
    /** Which answers make up a rate. */
    @SuppressWarnings("ImmutableEnumChecker") // The functions hold nothing.
    enum Origin {
        /** Of what the server answered, how much was not a failure of its own. */
        SERVER("", Count::good, Count::answered),
        /** Of all that was sent, how much was answered. */
        LOCAL("local-origin ", Count::answered, Count::all);

        final String label;
        final ToLongFunction<Count> successes;
        final ToLongFunction<Count> total;

        Origin(String label, ToLongFunction<Count> successes, ToLongFunction<Count> total) {
            this.label = label;
            this.successes = successes;
            this.total = total;
        }
    }

    /** What was counted of one server in one interval. */
    record Count(long good, long serverFailures, long localFailures) {
        long answered() {
            return good + serverFailures;
        }

        long all() {
            return answered() + localFailures;
        }
    }

    /** A server, by its place in the list that was looked at, and why it is an outlier. */
    record Outlier(int index, double rate, String why) {}

    /** The detector that finds nothing. */
    static final RateDetector OFF = new RateDetector(Integer.MAX_VALUE, Integer.MAX_VALUE, -1, -1);

    private final int minimumServers;
    private final int requestVolume;
    private final double stdevFactor;
    private final int threshold;

    private RateDetector(int minimumServers, int requestVolume, double stdevFactor, int threshold) {
        this.minimumServers = minimumServers;
        this.requestVolume = requestVolume;
        this.stdevFactor = stdevFactor;
        this.threshold = threshold;
    }

    static RateDetector successRate(int minimumServers, int requestVolume, double stdevFactor) {
        return new RateDetector(minimumServers, requestVolume, stdevFactor, -1);
    }

    static RateDetector failurePercentage(int threshold, int minimumServers, int requestVolume) {
        return new RateDetector(minimumServers, requestVolume, -1, threshold);
    }

    /** The outliers, the worst first, since not all of them may be ejected. */
    List<Outlier> find(List<Count> counts, Origin origin) {
        List<Integer> looked = new ArrayList<>();
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i < counts.size(); i++) {
            long total = origin.total.applyAsLong(counts.get(i));
            if (total >= requestVolume) {
                looked.add(i);
                rates.add(100.0 * origin.successes.applyAsLong(counts.get(i)) / total);
            }
        }
        List<Outlier> found = new ArrayList<>();
        // Without this, a detector that is off, and a pool without traffic, would divide by zero below.
        if (looked.size() < minimumServers || looked.isEmpty()) {
            return found;
        }
        double bound = threshold < 0 ? lowestUsual(rates) : 0;
        for (int i = 0; i < looked.size(); i++) {
            double rate = rates.get(i);
            boolean out = threshold < 0 ? rate < bound : 100 - rate >= threshold;
            if (out) {
                found.add(new Outlier(looked.get(i), rate, why(rate, bound, origin)));
            }
        }
        found.sort(Comparator.comparingDouble(Outlier::rate));
        return found;
    }

    private String why(double rate, double bound, Origin origin) {
        return threshold < 0
                ? String.format(Locale.ROOT, "%ssuccess rate %.1f %% is under %.1f %%", origin.label, rate, bound)
                : String.format(
                        Locale.ROOT, "%.1f %% %sfailures, threshold %d %%", 100 - rate, origin.label, threshold);
    }

    private double lowestUsual(List<Double> rates) {
        return mean(rates) - stdevFactor * deviation(rates);
    }

    static double mean(List<Double> values) {
        return values.stream().mapToDouble(v -> v).average().orElseThrow();
    }

    /** The population standard deviation. */
    static double deviation(List<Double> values) {
        double mean = mean(values);
        return Math.sqrt(values.stream()
                .mapToDouble(v -> (v - mean) * (v - mean))
                .average()
                .orElseThrow());
    }
}
