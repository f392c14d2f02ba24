package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** See {@link Balancers#random()} and {@link Balancers#weightedRandom()}. */
enum RandomChoice implements Balancer {
    UNIFORM {
        @Override
        public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
            Candidate[] servers = Weights.of(candidates).servers;
            return context ->
                    servers[Draw.below(servers.length, context.random().nextLong())];
        }
    },
    WEIGHTED {
        @Override
        public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
            Weights weights = Weights.of(candidates);
            Candidate[] servers = weights.servers;
            AliasTable table = new AliasTable(weights.shares);
            return context -> servers[table.at(context.random().nextLong())];
        }
    }
}
