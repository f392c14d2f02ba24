package io.lbclient.balancer;

import io.lbclient.Balancer;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;

/** The hashing strategies, with the settings in which tests tell them apart. */
enum Hashing {
    IP_HASH(key -> Balancers.ipHash()),
    NGINX_HASH(Balancers::nginxHash),
    NGINX_CONSISTENT(Balancers::nginxConsistentHash),
    KETAMA(Balancers::ketama),
    RING_HASH(Balancers::ringHash),
    /** The one ring hash that moves nothing between servers that stay. */
    RING_OF_FIXED_ENTRIES(key -> Balancers.ringHash(key).entriesPerServer(400)),
    MAGLEV(Balancers::maglev),
    RENDEZVOUS(Balancers::rendezvous),
    JUMP_HASH(Balancers::jumpHash);

    static final Set<Hashing> MOVES_ONLY_WHAT_MUST_MOVE =
            EnumSet.of(NGINX_CONSISTENT, KETAMA, RING_OF_FIXED_ENTRIES, RENDEZVOUS, JUMP_HASH);

    static final Set<Hashing> PLACED_BY_NAME =
            EnumSet.of(NGINX_CONSISTENT, KETAMA, RING_HASH, RING_OF_FIXED_ENTRIES, MAGLEV, RENDEZVOUS);

    private final Function<HashKey, HashBalancerBuilder> settings;

    Hashing(Function<HashKey, HashBalancerBuilder> settings) {
        this.settings = settings;
    }

    /** A builder of its own for whoever sets more. */
    HashBalancerBuilder by(HashKey key) {
        return settings.apply(key);
    }

    Balancer balancer() {
        return by(Keys.KEY).build();
    }
}
