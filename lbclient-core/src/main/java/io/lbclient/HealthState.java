package io.lbclient;

/**
 * What a pool thinks of a server, as one word: derived from the {@link HealthCause}s that are raised on it, never set.
 *
 * <p>When several causes are raised, the state listed last here wins.
 */
public enum HealthState {
    /** Nothing speaks against it: it is picked. */
    HEALTHY,
    /** It is new or came back, and gets a growing share: it is picked. */
    WARMING,
    /** Its answers were bad: it is not picked, and is tried again after a while. */
    EJECTED,
    /** Its active check fails: it is not picked. */
    UNHEALTHY,
    /** It finishes what it has and gets nothing new. */
    DRAINING;

    /**
     * Returns whether a server in this state is picked in the ordinary way.
     *
     * @return true for {@link #HEALTHY} and {@link #WARMING}
     */
    public boolean eligible() {
        return this == HEALTHY || this == WARMING;
    }
}
