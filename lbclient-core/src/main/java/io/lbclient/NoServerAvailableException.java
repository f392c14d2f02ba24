package io.lbclient;

/**
 * Thrown by a pick when no server may be picked; the message names the pool and counts its servers.
 *
 * <p>It carries no stack trace, because it is thrown on the path of a request, at the rate of the requests.
 */
public final class NoServerAvailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoServerAvailableException(String message) {
        super(message, null, false, false);
    }
}
