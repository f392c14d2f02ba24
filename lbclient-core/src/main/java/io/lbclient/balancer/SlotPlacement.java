package io.lbclient.balancer;

/** A placement by number, whose numbers survive a rebuild. */
abstract class SlotPlacement extends Placement {
    final Slots slots;

    SlotPlacement(Members members, Slots slots) {
        super(members.servers);
        this.slots = slots;
    }
}
