package io.lbclient.balancer;

import io.lbclient.Balancer;
import org.jspecify.annotations.Nullable;

/** A picker that goes through its servers in turn, and hands its position on to the picker that follows it. */
interface Sequenced extends Balancer.Picker {
    Position position();

    /** The position to go on from: the previous picker's, if it has one, or else a fresh one. */
    static Position positionAfter(Balancer.@Nullable Picker previous) {
        return previous instanceof Sequenced sequenced ? sequenced.position() : new Position();
    }
}
