package io.lbclient.jgroups;

import org.jspecify.annotations.Nullable;

/**
 * What a key is bound to, and how often it was bound anew. Of two that contradict each other every instance keeps the same
 * one, in whatever order it hears of them: so all end with the same, also after a split.
 *
 * @param server the id of the server
 * @param version 1 for the first server of a session, one more for each that replaced another
 * @param told the reading of the ticker when this instance last heard of it from another, or told others
 */
record ReplicatedBinding(String server, long version, long told) {
    /**
     * The one that was bound anew more often, and of equals the one whose server's name comes first. What says the same is
     * put in its place too: it is in use elsewhere, and fresh again.
     */
    static ReplicatedBinding stronger(@Nullable ReplicatedBinding known, ReplicatedBinding heard) {
        if (known == null || heard.version > known.version) {
            return heard;
        }
        boolean wins = heard.version == known.version && heard.server.compareTo(known.server) <= 0;
        return wins ? heard : known;
    }
}
