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

    NoServerAvailableException(String message, boolean full) {
        super(message, null, false, false);
        this.full = full;
    }

    /**
     * Returns whether servers could be picked if they were not full: waiting for a moment may help.
     *
     * @return true if every server that may be picked has as much in flight as its limit allows
     */
    public boolean full() {
        return full;
    }
}
