package io.lbclient.test.sim;

import java.time.Duration;
import java.util.List;

/**
 * What a request costs: how long it keeps one slot of a server of speed 1 busy, as a distribution.
 *
 * <p>It is drawn once for each request, from the seed and the request's number, so two strategies are given the same
 * requests, and a retry costs what the first try did. Immutable.
 */
public final class Work {
    private final Sampler sampler;
    private final double meanNanos;

    private Work(Sampler sampler, double meanNanos) {
        this.sampler = sampler;
        this.meanNanos = meanNanos;
    }

    @FunctionalInterface
    private interface Sampler {
        double draw(Stream random);
    }

    /**
     * Returns work that always takes the same time.
     *
     * @param time the time, greater than zero
     * @return the distribution
     * @throws IllegalArgumentException if it is not
     */
    public static Work constant(Duration time) {
        double nanos = Checks.positive("time", time).toNanos();
        return new Work(random -> nanos, nanos);
    }

    /**
     * Returns exponentially distributed work.
     *
     * @param mean the mean time, greater than zero
     * @return the distribution
     * @throws IllegalArgumentException if it is not
     */
    public static Work exponential(Duration mean) {
        double nanos = Checks.positive("mean", mean).toNanos();
        return new Work(random -> nanos * random.nextExponential(), nanos);
    }

    /**
     * Returns log-normally distributed work, which has a heavy tail.
     *
     * @param mean the mean time, greater than zero
     * @param sigma the standard deviation of the logarithm, greater than 0 and at most 4: at 1 one request in a hundred
     *     takes 6 times the mean, at 2 one in a hundred takes 14 times the mean
     * @return the distribution
     * @throws IllegalArgumentException if one is out of range
     */
    public static Work logNormal(Duration mean, double sigma) {
        double nanos = Checks.positive("mean", mean).toNanos();
        double spread = Checks.between("sigma", sigma, Double.MIN_VALUE, 4);
        double scale = nanos * StrictMath.exp(-spread * spread / 2);
        return new Work(random -> scale * StrictMath.exp(spread * random.nextGaussian()), nanos);
    }

    /**
     * Returns work as it was measured: each time of a list with the same chance.
     *
     * @param times the times, each greater than zero, at least one
     * @return the distribution
     * @throws IllegalArgumentException if the list is empty or one is not
     */
    public static Work recorded(List<Duration> times) {
        Checks.atLeast("times", times.size(), 1);
        double[] nanos = times.stream()
                .mapToDouble(time -> Checks.positive("times", time).toNanos())
                .toArray();
        double sum = 0;
        for (double each : nanos) {
            sum += each;
        }
        return new Work(random -> nanos[random.nextInt(nanos.length)], sum / nanos.length);
    }

    /**
     * Returns a mixture of two kinds of requests.
     *
     * @param share the share of the other kind, 0 to 1
     * @param other the other kind
     * @return this work, or with the chance {@code share} the other
     * @throws IllegalArgumentException if the share is out of range
     */
    public Work mixedWith(double share, Work other) {
        Checks.between("share", share, 0, 1);
        Work first = this;
        return new Work(
                random -> (random.nextDouble() < share ? other : first).sampler.draw(random),
                (1 - share) * meanNanos + share * other.meanNanos);
    }

    /**
     * Returns the mean.
     *
     * @return the mean time
     */
    public Duration mean() {
        return Duration.ofNanos(StrictMath.round(meanNanos));
    }

    double drawNanos(Stream random) {
        return sampler.draw(random);
    }

    @Override
    public String toString() {
        return "work of " + mean() + " on average";
    }
}
