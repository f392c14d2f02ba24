package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.PickContext;
import org.jspecify.annotations.Nullable;

/** What picking by hash has in common: reading the key, the bound of the load, and what is done when neither helps. */
abstract class HashPicker implements Balancer.Picker {
    static final int NONE = -1;

    final Candidate[] servers;
    private final HashKey key;
    private final @Nullable BoundedLoad load;
    /** Takes requests without a key, and those for which a hash finds nobody; null if a random hash does. */
    private final Balancer.@Nullable Picker turns;

    HashPicker(Members members, HashSettings settings, Balancer.@Nullable Picker turns) {
        this.servers = members.servers;
        this.key = settings.key();
        this.load = settings.loadPercent() == 0 ? null : new BoundedLoad(members, settings.loadPercent());
        this.turns = turns;
    }

    Balancer.@Nullable Picker turns() {
        return turns;
    }

    abstract long hash(Object value);

    abstract long hashOf(long random);

    /** The server that a hash comes to first; {@link #NONE} if there is none at the place. */
    abstract int first(long hash);

    /** The first server of the sequence that is acceptable; {@link #NONE} if there is none within the steps. */
    abstract int search(@Nullable Object value, long hash, long slots, PickContext context);

    @Override
    public final Candidate pick(PickContext context) {
        if (servers.length == 1) {
            return servers[0];
        }
        Object value = key.read(context.request());
        if (KeyText.missing(value)) {
            value = null;
            if (turns != null) {
                return turn(turns, context, slots());
            }
        }
        long hash = value == null ? hashOf(context.random().nextLong()) : hash(value);
        int first = first(hash);
        if (first != NONE) {
            Candidate server = servers[first];
            // A server with nothing in flight has room whatever the others have, and they need not be looked at.
            if (!context.tried(server) && (load == null || server.inFlight() == 0)) {
                return server;
            }
        }
        long slots = slots();
        int found = search(value, hash, slots, context);
        if (found != NONE) {
            return servers[found];
        }
        return turns != null ? turn(turns, context, slots) : servers[leastUsed(first, slots, context)];
    }

    private long slots() {
        return load == null ? 0 : load.slots();
    }

    final boolean accepts(int server, long slots, PickContext context) {
        return !context.tried(servers[server]) && (load == null || load.hasRoom(server, slots));
    }

    private Candidate turn(Balancer.Picker picker, PickContext context, long slots) {
        Candidate named = picker.pick(context);
        for (int i = 0; i < servers.length; i++) {
            if (servers[i] == named) {
                return accepts(i, slots, context) ? named : servers[leastUsed(i, slots, context)];
            }
        }
        return named;
    }

    /** From the server after one on, the untried server with the most room; if all were tried, that one itself. */
    private int leastUsed(int after, long slots, PickContext context) {
        int best = Math.max(after, 0);
        double least = Double.POSITIVE_INFINITY;
        int at = best;
        for (int i = 0; i < servers.length; i++) {
            at = at + 1 == servers.length ? 0 : at + 1;
            double usage = load == null ? 0 : load.usage(at, slots);
            if (usage < least && !context.tried(servers[at])) {
                best = at;
                least = usage;
            }
        }
        return best;
    }
}
