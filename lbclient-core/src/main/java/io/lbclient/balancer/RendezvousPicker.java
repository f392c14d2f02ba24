package io.lbclient.balancer;

import io.lbclient.PickContext;
import org.jspecify.annotations.Nullable;

/** Picks the server with the highest score. */
final class RendezvousPicker extends HashPicker {
    private final Rendezvous scores;
    private final long seed;

    RendezvousPicker(Members members, HashSettings settings) {
        super(members, settings, null);
        this.scores = new Rendezvous(members, settings);
        this.seed = settings.seed();
    }

    @Override
    long hash(Object value) {
        return XxHash64.hashKey(value, seed);
    }

    @Override
    long hashOf(long random) {
        return random;
    }

    @Override
    int first(long hash) {
        int best = NONE;
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < servers.length; i++) {
            double score = scores.score(hash, i);
            if (score > highest) {
                highest = score;
                best = i;
            }
        }
        return best;
    }

    @Override
    int search(@Nullable Object value, long hash, long slots, PickContext context) {
        int best = NONE;
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < servers.length; i++) {
            double score = scores.score(hash, i);
            if (score > highest && accepts(i, slots, context)) {
                highest = score;
                best = i;
            }
        }
        return best;
    }
}
