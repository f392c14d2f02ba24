package io.lbclient;

import org.jspecify.annotations.Nullable;

/**
 * A server as a strategy sees it: its settings and its live numbers.
 *
 * <p>The numbers change while they are read, and two of them need not be of the same instant. Reading one takes no
 * lock. A candidate is the same object for as long as its server stays in the pool, whatever its settings.
 */
public sealed interface Candidate permits ServerState {
    /**
     * Returns the server with its present settings.
     *
     * @return the server
     */
    Server server();

    /**
     * Returns the weight that counts now: what an operator set, or else the configured one.
     *
     * @return the weight, finite and at least 0
     */
    double weight();

    /**
     * Returns how many attempts were picked and are not complete.
     *
     * @return the attempts in flight, never negative
     */
    int inFlight();

    /**
     * Returns the moving average of the latency, in nanoseconds, as it stands at a time.
     *
     * <p>The average is peak-sensitive: a sample above it replaces it at once, a sample below it pulls it down by the
     * time that has passed, and while no sample comes it decays. (Peak EWMA, after Finagle.)
     *
     * @param now a reading of the pool's ticker, such as {@link PickContext#now()}
     * @return nanoseconds, at least 0; 0 if there was no sample yet. A server that joins others which have samples starts
     *     with their median
     */
    long latencyNanos(long now);

    /**
     * Returns what an answer has lately taken, in nanoseconds, as it stands at a time.
     *
     * <p>An average in which each answer counts for a tenth, so that about the last twenty decide, however fast they
     * come; one that comes after a silence counts for more, two thirds after half a second. Unlike {@link #latencyNanos}
     * it makes little of one slow answer among many. While no answer comes it decays.
     *
     * @param now a reading of the pool's ticker, such as {@link PickContext#now()}
     * @return nanoseconds, at least 0; 0 if there was no sample yet. A server that joins others which have samples starts
     *     with their median
     */
    long typicalLatencyNanos(long now);

    /**
     * Returns the mean age, in nanoseconds, of the attempts that have had no answer yet.
     *
     * <p>A server that takes requests and never answers shows here long before its first timeout.
     *
     * @param now a reading of the pool's ticker, such as {@link PickContext#now()}
     * @return nanoseconds to a resolution of about 16 microseconds, at least 0; 0 if nothing waits for an answer
     */
    long outstandingAgeNanos(long now);

    /**
     * Returns how much of the recent answers were failures, as it stands at a time.
     *
     * @param now a reading of the pool's ticker, such as {@link PickContext#now()}
     * @return 0 (none failed) to 1 (all failed), fading while no answer comes
     */
    double failureRate(long now);

    /**
     * Returns how many attempts were picked for this server since it joined.
     *
     * @return the picks, including those in flight
     */
    long picks();

    /**
     * Returns what the server last said about its own load; see {@link Attempt#report}.
     *
     * @return the last report, or null if there was none since the server joined
     */
    @Nullable LoadReport loadReport();

    /**
     * Returns when the last load report came.
     *
     * @return the reading of the pool's ticker then; it means nothing while there is no report
     */
    long loadReportNanos();
}
