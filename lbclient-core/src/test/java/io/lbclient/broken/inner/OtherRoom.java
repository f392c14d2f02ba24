package io.lbclient.broken.inner;

import io.lbclient.broken.BreaksEverythingManager;

/** Uses the room that uses it. */
public final class OtherRoom {
    /** Does nothing. */
    public OtherRoom() {}

    /**
     * Asks the other room.
     *
     * @param other the other room
     * @return the time
     */
    public long now(BreaksEverythingManager other) {
        return other.now();
    }
}
