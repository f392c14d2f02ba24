package io.lbclient;

/**
 * Thrown by a pick when no server may be picked; the message names the pool and counts its servers.
 *
 * <p>It carries no stack trace, because it is thrown on the path of a request, at the rate of the requests.
 */
public final class NoServerAvailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Whether waiting for a moment may help. */
    private final boolean full;

    /** Whether the server that the request belongs to is about to be reachable. */
    private final boolean awaited;

    NoServerAvailableException(String message, boolean full) {
        this(message, full, false);
    }

    private NoServerAvailableException(String message, boolean full, boolean awaited) {
        super(message, null, false, false);
        this.full = full;
        this.awaited = awaited;
    }

    static NoServerAvailableException awaiting(String message) {
        return new NoServerAvailableException(message, false, true);
    }

    /**
     * Returns whether servers could be picked if they were not full: waiting for a moment may help.
     *
     * @return true if every server that may be picked has as much in flight as its limit allows
     */
    public boolean full() {
        return full;
    }

    /**
     * Returns whether the request belongs to a session whose server is about to be reachable: the owner of the view is
     * told when it is, or is no longer waited for.
     *
     * @return true if so; only in views that were told {@link PoolView#awaiting for whom to wait}
     */
    public boolean awaited() {
        return awaited;
    }
}
