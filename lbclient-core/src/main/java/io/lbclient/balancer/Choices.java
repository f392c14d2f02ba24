package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.PickContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Picks the server with the least load for its weight, of all servers or of a few that are drawn.
 *
 * <p>When all are looked at, those that tie take turns, in proportion to their weights. When a few are drawn, they are
 * distinct, each is drawn with a chance proportional to its weight, and of those that tie the first one drawn is
 * picked; so idle servers share by weight either way.
 */
final class Choices implements Balancer.Picker {
    /** Looks at every server. */
    static final int ALL = Integer.MAX_VALUE;

    /** More than this many draws per choice, and the rest of the choices are made without regard to weight. */
    private static final int DRAWS_PER_CHOICE = 4;

    private final Candidate[] servers;
    private final double[] shares;
    private final Load load;
    private final int choices;
    private final boolean equal;
    private final Lots lots;
    private final Position ties;

    private Choices(Weights weights, Load load, int choices, Position ties) {
        this.servers = weights.servers;
        this.shares = weights.shares;
        this.load = load;
        this.choices = choices;
        this.equal = weights.equal;
        this.lots = new Lots(weights);
        this.ties = ties;
    }

    /** A strategy that picks by this load. */
    static Balancer by(Load load, int choices) {
        return (List<? extends Candidate> candidates, Balancer.@Nullable Picker previous) ->
                new Choices(Weights.of(candidates), load, choices, tiesAfter(previous));
    }

    private static Position tiesAfter(Balancer.@Nullable Picker previous) {
        return previous instanceof Choices before ? before.ties : new Position();
    }

    @Override
    public Candidate pick(PickContext context) {
        return choices >= servers.length ? ofAll(context) : ofDrawn(context);
    }

    private Candidate ofAll(PickContext context) {
        long now = context.now();
        int best = 0;
        double least = load.of(servers[0], now);
        int tied = 1;
        for (int i = 1; i < servers.length; i++) {
            double next = load.of(servers[i], now);
            // Multiplied crosswise, so that whole numbers tie exactly where quotients would differ by a rounding.
            double mine = next * shares[best];
            double its = least * shares[i];
            if (mine < its) {
                best = i;
                least = next;
                tied = 1;
            } else if (mine == its) {
                tied++;
            }
        }
        return tied == 1 ? servers[best] : ofTied(best, least, tied, context);
    }

    /** Finds those that tie again, without a list of them. Their loads may have changed meanwhile: then the first is it. */
    private Candidate ofTied(int best, double least, int tied, PickContext context) {
        int turn = ties.next(context);
        double left =
                equal ? Integer.remainderUnsigned(turn, tied) : Draw.spread(turn) * tiedShares(best, least, context);
        Candidate last = servers[best];
        for (int i = best; i < servers.length; i++) {
            if (load.of(servers[i], context.now()) * shares[best] == least * shares[i]) {
                last = servers[i];
                left -= equal ? 1 : shares[i];
                if (left < 0) {
                    return last;
                }
            }
        }
        return last;
    }

    private double tiedShares(int best, double least, PickContext context) {
        double sum = 0;
        for (int i = best; i < servers.length; i++) {
            if (load.of(servers[i], context.now()) * shares[best] == least * shares[i]) {
                sum += shares[i];
            }
        }
        return sum;
    }

    private Candidate ofDrawn(PickContext context) {
        long seed = context.random().nextLong();
        long now = context.now();
        int best = lots.drawn(seed, 0);
        double least = load.of(servers[best], now);
        int found = 1;
        int draws = 1;
        for (; found < choices && draws < choices * DRAWS_PER_CHOICE; draws++) {
            int next = lots.drawn(seed, draws);
            if (!lots.amongDrawn(next, seed, draws)) {
                found++;
                double its = load.of(servers[next], now);
                if (its * shares[best] < least * shares[next]) {
                    best = next;
                    least = its;
                }
            }
        }
        return found == choices ? servers[best] : withOthers(best, least, seed, draws, choices - found, now);
    }

    /** When one server outweighs the others so much that draws keep hitting it, the next ones in the list are taken. */
    private Candidate withOthers(int first, double leastOfDrawn, long seed, int draws, int missing, long now) {
        int best = first;
        double least = leastOfDrawn;
        int left = missing;
        int at = Draw.below(servers.length, Draw.bits(seed, draws));
        for (int i = 0; i < servers.length && left > 0; i++) {
            if (!lots.amongDrawn(at, seed, draws)) {
                left--;
                double its = load.of(servers[at], now);
                if (its * shares[best] < least * shares[at]) {
                    best = at;
                    least = its;
                }
            }
            at = at + 1 == servers.length ? 0 : at + 1;
        }
        return servers[best];
    }
}
