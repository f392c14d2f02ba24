package io.lbclient.test.sim;

import java.util.List;

/**
 * What happened in one second of a run. Times are as in {@link Figures}.
 *
 * @param number the second, from 0
 * @param p50 the median time of the answers of this second, in milliseconds; NaN if there was none
 * @param p99 the time that a hundredth of them took longer than; NaN if there was none
 * @param good how many requests had their good answer in it: the goodput
 * @param errors how many requests failed for good in it
 * @param attempts how many attempts began in it, for each server
 */
public record Second(int number, double p50, double p99, long good, long errors, List<Long> attempts) {
    /**
     * Copies the list.
     *
     * @param number the second
     * @param p50 the median time
     * @param p99 the time that a hundredth took longer than
     * @param good the good answers
     * @param errors the requests that failed
     * @param attempts the attempts for each server
     */
    public Second {
        attempts = List.copyOf(attempts);
    }

    /**
     * Returns a server's share.
     *
     * @param server its number
     * @return its share of the attempts that began in this second; 0 if there was none
     */
    public double share(int server) {
        long all = attempts.stream().mapToLong(Long::longValue).sum();
        return all == 0 ? 0 : (double) attempts.get(server) / all;
    }
}
