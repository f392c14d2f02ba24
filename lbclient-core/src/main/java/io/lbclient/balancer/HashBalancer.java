package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** See {@link HashBalancerBuilder}. */
final class HashBalancer implements Balancer {
    private final HashBalancerBuilder.Algorithm algorithm;
    private final HashSettings settings;

    HashBalancer(HashBalancerBuilder.Algorithm algorithm, HashSettings settings) {
        this.algorithm = algorithm;
        this.settings = settings;
    }

    @Override
    public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
        Members members = Members.of(candidates);
        Slots before = previous instanceof PlacedPicker placed && placed.placement instanceof SlotPlacement slotted
                ? slotted.slots
                : null;
        return switch (algorithm) {
            case IP_HASH -> inTurns(members, new NginxIpHash(members, Slots.listed(members, before)), previous);
            case NGINX_HASH -> inTurns(members, new NginxHash(members, Slots.listed(members, before)), previous);
            case NGINX_CONSISTENT_HASH -> inTurns(members, Rings.nginx(members, settings), previous);
            case KETAMA -> atRandom(members, Rings.ketama(members, settings));
            case RING_HASH -> atRandom(members, Rings.envoy(members, settings));
            case MAGLEV -> atRandom(members, new Maglev(members, settings));
            case JUMP_HASH -> atRandom(members, new JumpHash(members, Slots.kept(members, before), settings.seed()));
            case RENDEZVOUS -> new RendezvousPicker(members, settings);
        };
    }

    private Picker atRandom(Members members, Placement placement) {
        return new PlacedPicker(members, settings, placement, null);
    }

    /** Requests without a key go by nginx's weighted round robin, whose turn goes on after a rebuild. */
    private Picker inTurns(Members members, Placement placement, @Nullable Picker previous) {
        Picker before = previous instanceof HashPicker hashed ? hashed.turns() : null;
        Picker turns = Balancers.weightedRoundRobin().picker(List.of(members.servers), before);
        return new PlacedPicker(members, settings, placement, turns);
    }
}
