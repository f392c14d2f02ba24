package io.lbclient;

/**
 * How far what the servers of a pool report of their load has foretold how long its own answers took.
 *
 * <p>Reports need not be believed: they may be stale, or of another unit, or nonsense, and where one client is all that a
 * server has they say nothing that it does not know. So each answer is held against the last report before it, and what is
 * believed is the slope of the regression of the one on the other. Where nothing was foretold it is about 0, and the picks are what
 * they would be without reports.
 *
 * <p>Requests in flight and utilisation have a slope each, for one in flight is not one processor more. Safe for use by many
 * threads: of two answers at once one may be lost, which of some hundreds means nothing.
 */
final class Foresight {
    /** What the load that a server reports is. */
    enum Kind {
        IN_FLIGHT,
        UTILIZATION
    }

    /** What remains of the sums at the next answer, so that about the last five hundred count. */
    private static final double KEPT = 0.998;

    /** As if so many answers before the first one had come after a deviation of 1 that meant nothing. */
    private static final double DOUBT = 10;

    /** How much one report moves what is usual, after as many reports as its inverse says. */
    private static final double USUAL_SHARE = 0.01;

    private volatile Sums inFlight = Sums.NONE;
    private volatile Sums utilization = Sums.NONE;

    /** Whether any server has ever reported anything that can be gone by. */
    boolean reported() {
        return inFlight.reports > 0 || utilization.reports > 0;
    }

    /** Notes a report, and returns by how much its load is above what servers report on average. */
    double deviation(Kind kind, double load) {
        Sums heard = sums(kind).hearing(load);
        set(kind, heard);
        return load - heard.usual;
    }

    /**
     * Notes an answer.
     *
     * @param deviation by how much the load that was reported before was more than usual
     * @param late by which part of what is typical the answer took longer
     */
    void learn(Kind kind, double deviation, double late) {
        set(kind, sums(kind).learning(deviation, late));
    }

    /** By which part of what is typical an answer takes longer for each unit of reported load above the usual one. */
    double slope(Kind kind) {
        Sums sums = sums(kind);
        return Math.max(0, sums.products) / (sums.deviations + DOUBT);
    }

    private Sums sums(Kind kind) {
        return kind == Kind.IN_FLIGHT ? inFlight : utilization;
    }

    private void set(Kind kind, Sums sums) {
        if (kind == Kind.IN_FLIGHT) {
            inFlight = sums;
        } else {
            utilization = sums;
        }
    }

    /** Of deviations squared, and of deviations times delays. */
    private record Sums(double usual, long reports, double deviations, double products) {
        static final Sums NONE = new Sums(0, 0, 0, 0);

        Sums hearing(double load) {
            double share = Math.max(USUAL_SHARE, 1.0 / (reports + 1));
            return new Sums(usual + share * (load - usual), reports + 1, deviations, products);
        }

        Sums learning(double deviation, double late) {
            return new Sums(
                    usual, reports, deviations * KEPT + deviation * deviation, products * KEPT + deviation * late);
        }
    }
}
