package io.lbclient.balancer;

import io.lbclient.Candidate;
import io.lbclient.PickContext;

/**
 * The scheduler of gRPC's weighted round robin (gRFC A58): lock-free, for weights of any size.
 *
 * <p>All servers are offered a turn again and again, and each lets so many of its turns pass that what is left is
 * proportional to its weight. The weights are scaled so that the greatest is 65535, which lets none pass. Servers of
 * one weight do not let pass in step, because each has an offset of its own.
 */
final class StaticStride implements Sequenced {
    private static final int GREATEST = 0xffff;
    private static final int OFFSET = GREATEST / 2;
    private static final double MAX_RATIO = 10;
    private static final double MIN_RATIO = 0.1;

    private final Candidate[] servers;
    private final char[] scaled;
    private final Position position;
    private final int heaviest;

    private StaticStride(Candidate[] servers, char[] scaled, Position position) {
        this.servers = servers;
        this.scaled = scaled;
        this.position = position;
        int greatest = 0;
        for (int i = 0; i < scaled.length; i++) {
            greatest = scaled[i] > scaled[greatest] ? i : greatest;
        }
        this.heaviest = greatest;
    }

    /**
     * As A58 has it: a weight that is not positive stands for the mean of the others, and weights are kept within a
     * tenth and ten times the mean, which bounds the turns that are let pass before a pick.
     */
    static StaticStride bounded(Candidate[] servers, double[] weights, Position position) {
        double mean = meanOfPositive(weights);
        double greatest = 0;
        for (double weight : weights) {
            greatest = Math.max(greatest, weight);
        }
        greatest = Math.min(greatest, MAX_RATIO * mean);
        double scale = GREATEST / greatest;
        int least = (int) Math.ceil(scale * mean * MIN_RATIO);
        char[] scaled = new char[weights.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = weights[i] > 0
                    ? (char) Math.max(Math.round(scale * Math.min(weights[i], greatest)), least)
                    : (char) Math.round(scale * mean);
        }
        return new StaticStride(servers, scaled, position);
    }

    /** Without the bounds: shares are right to 1/65535 of the greatest, at the price of more turns let pass. */
    static StaticStride exact(Weights weights, Position position) {
        char[] scaled = new char[weights.count()];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (char) Math.max(1, Math.round(weights.shares[i] * GREATEST));
        }
        return new StaticStride(weights.servers, scaled, position);
    }

    private static double meanOfPositive(double[] weights) {
        double sum = 0;
        int count = 0;
        for (double weight : weights) {
            if (weight > 0) {
                sum += weight;
                count++;
            }
        }
        return sum / count;
    }

    @Override
    public Candidate pick(PickContext context) {
        int n = servers.length;
        // The heaviest lets none pass, so a lone thread is done within one round. Others may take all the turns that
        // are not let pass, so the bound is what ends the search for certain.
        for (int i = 0; i < 2 * n; i++) {
            long turn = Integer.toUnsignedLong(position.next(context));
            int at = (int) (turn % n);
            long round = turn / n;
            if ((scaled[at] * round + (long) OFFSET * at) % GREATEST >= GREATEST - scaled[at]) {
                return servers[at];
            }
        }
        return servers[heaviest];
    }

    @Override
    public Position position() {
        return position;
    }

    /** The weights after scaling, for tests. */
    int scaled(int index) {
        return scaled[index];
    }
}
