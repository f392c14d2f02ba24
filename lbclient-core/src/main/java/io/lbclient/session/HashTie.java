package io.lbclient.session;

import io.lbclient.Affinity;
import io.lbclient.Candidate;
import io.lbclient.RequestView;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Ties by a hash of a key: weighted rendezvous hashing (Thaler and Ravishankar) over the servers that may be picked.
 * Nothing is stored, so the keys of a server that went come back with it.
 */
final class HashTie implements Tie {
    private final Function<? super RequestView, ? extends @Nullable Object> key;
    private final SipHash hash;
    private final List<Place> places = new CopyOnWriteArrayList<>();

    private record Place(Candidate server, long hash) {}

    HashTie(Function<? super RequestView, ? extends @Nullable Object> key, long seed) {
        this.key = key;
        this.hash = new SipHash(seed, ~seed);
    }

    @Override
    public void joined(Candidate server) {
        places.add(new Place(server, hash.hash(server.server().id().getBytes(StandardCharsets.UTF_8))));
    }

    @Override
    public void left(Candidate server) {
        places.removeIf(place -> place.server == server);
    }

    @Override
    public Hold hold(RequestView request, Affinity.Standing standing) {
        Object value = key.apply(request);
        if (value == null) {
            return Hold.NONE;
        }
        String text = value instanceof InetAddress address ? address.getHostAddress() : value.toString();
        if (text.isEmpty()) {
            return Hold.NONE;
        }
        long hashOfKey = hash.hash(text.getBytes(StandardCharsets.UTF_8));
        return new HashHold(hashOfKey, standing, owner(hashOfKey, standing));
    }

    private @Nullable Candidate owner(long hashOfKey, Affinity.Standing standing) {
        // Its share may still be that of before it was ejected a moment ago.
        Candidate best = first(hashOfKey, server -> standing.share(server) > 0 && standing.keeps(server));
        Candidate wanted = first(hashOfKey, server -> true);
        // With nothing but requests that have a key, an ejected server would otherwise never be tried again.
        return wanted != null && wanted != best && standing.claimTrial(wanted) ? wanted : best;
    }

    /** The first in the key's own order of those that will do. */
    private @Nullable Candidate first(long hashOfKey, Predicate<? super Candidate> suits) {
        Candidate best = null;
        double bestScore = Double.NEGATIVE_INFINITY;
        for (Place place : places) {
            double weight = place.server.weight();
            if (weight > 0) {
                double score = score(hashOfKey, place.hash, weight);
                if (score > bestScore && suits.test(place.server)) {
                    best = place.server;
                    bestScore = score;
                }
            }
        }
        return best;
    }

    private final class HashHold implements Hold {
        private final long hashOfKey;
        private final Affinity.Standing standing;
        private final @Nullable Candidate owner;

        HashHold(long hashOfKey, Affinity.Standing standing, @Nullable Candidate owner) {
            this.hashOfKey = hashOfKey;
            this.standing = standing;
            this.owner = owner;
        }

        @Override
        public @Nullable Candidate server() {
            return owner;
        }

        @Override
        public boolean bound() {
            return owner != null;
        }

        /** To the next in the key's order, where the key's later requests go too if the first server stays away. */
        @Override
        public @Nullable Candidate next(Predicate<? super Candidate> tried) {
            return first(
                    hashOfKey, server -> !tried.test(server) && standing.share(server) > 0 && standing.keeps(server));
        }
    }

    private static double score(long hashOfKey, long hashOfServer, double weight) {
        long mixed = hashOfKey ^ hashOfServer;
        // The finisher of SplitMix64: of two good hashes it makes one of the pair.
        mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        mixed ^= mixed >>> 31;
        double unit = ((mixed >>> 11) + 0.5) * 0x1p-53;
        return weight / -Math.log(unit);
    }
}
