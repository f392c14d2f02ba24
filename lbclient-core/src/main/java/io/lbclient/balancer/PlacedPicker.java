package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.PickContext;
import org.jspecify.annotations.Nullable;

/** Picks by the places of a {@link Placement}. */
final class PlacedPicker extends HashPicker {
    final Placement placement;

    PlacedPicker(Members members, HashSettings settings, Placement placement, Balancer.@Nullable Picker turns) {
        super(members, settings, turns);
        this.placement = placement;
    }

    @Override
    long hash(Object value) {
        return placement.hash(value);
    }

    @Override
    long hashOf(long random) {
        return placement.hashOf(random);
    }

    @Override
    int first(long hash) {
        return placement.owner(placement.first(hash));
    }

    @Override
    int search(@Nullable Object value, long hash, long slots, PickContext context) {
        long place = placement.first(hash);
        for (int step = 1; ; step++) {
            int owner = placement.owner(place);
            if (owner >= 0 && accepts(owner, slots, context)) {
                return owner;
            }
            if (step > placement.steps()) {
                return NONE;
            }
            place = placement.next(value, place, step);
        }
    }
}
