package io.lbclient.test.sim;

/**
 * What came of one run, counted from the end of the warm-up. Times are in milliseconds and from the arrival of a request
 * to its good answer, retries included; a request that timed out counts as its time, one that failed in another way is
 * left out of them, or failing fast would look like answering fast.
 *
 * @param requests how many requests arrived
 * @param errors how many of them had no good answer, after all retries
 * @param mean the mean time
 * @param p50 the median time
 * @param p90 the time that a tenth took longer than
 * @param p99 the time that a hundredth took longer than
 * @param p999 the time that a thousandth took longer than
 * @param responsesPerRequest how many answers the servers gave for each request, failures included
 * @param busiestOverMean the attempts at the server that had most, over the mean of all servers
 * @param badShare the share of all attempts that went to the servers with a fault while it lasted; NaN if there was none
 * @param badShareLater the same from one second after its beginning on
 * @param healSeconds seconds from the end of the fault until the servers that had it got 80 % of their fair share, over a
 *     sliding window of one second, or as much longer as it takes for 40 attempts; infinite if they never did, NaN if
 *     there was no fault
 * @param overshoot the greatest share that they got in five seconds that lie within the ten after the fault, over their
 *     fair share; NaN if there was no fault
 */
public record Figures(
        long requests,
        long errors,
        double mean,
        double p50,
        double p90,
        double p99,
        double p999,
        double responsesPerRequest,
        double busiestOverMean,
        double badShare,
        double badShareLater,
        double healSeconds,
        double overshoot) {
    // One component for each figure, as they are listed; only the recorder makes one.

    /**
     * Returns the share of errors.
     *
     * @return errors over requests
     */
    public double errorShare() {
        return requests == 0 ? 0 : (double) errors / requests;
    }
}
