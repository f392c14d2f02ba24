package io.lbclient.balancer;

/**
 * See {@link Balancers#rendezvous}: each server has a score for each key, and the highest wins. It has no table, so it
 * is no {@link Placement}.
 */
final class Rendezvous {
    private final long[] nameHashes;
    private final double[] weights;
    private final boolean equal;

    Rendezvous(Members members, HashSettings settings) {
        String[] names = members.names(settings.serverName());
        nameHashes = new long[names.length];
        weights = members.weights;
        boolean same = true;
        for (int i = 0; i < names.length; i++) {
            nameHashes[i] = XxHash64.hash(names[i], settings.seed());
            same &= weights[i] == weights[0];
        }
        equal = same;
    }

    /** Of equal weights the greater hash has the greater score, so that the logarithm can be left out. */
    double score(long keyHash, int server) {
        double uniform = uniform(Draw.mix(keyHash ^ nameHashes[server]));
        return equal ? uniform : score(uniform, weights[server]);
    }

    static double score(double uniform, double weight) {
        return weight / -Math.log(uniform);
    }

    /**
     * From 0 to 1, without either: the logarithm of 0 is infinite, and that of 1 is 0. With one bit more, the half would
     * be rounded up for the greatest hash, which would give 1.
     */
    static double uniform(long hash) {
        return ((hash >>> 12) + 0.5) * 0x1p-52;
    }
}
