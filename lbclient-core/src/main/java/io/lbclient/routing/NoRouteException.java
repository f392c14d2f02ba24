package io.lbclient.routing;

/**
 * Thrown when no rule matched and the rules say that this is an error; the message names the router and the request.
 *
 * <p>It carries no stack trace, because it is thrown on the path of a request, at the rate of the requests.
 */
public final class NoRouteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoRouteException(String message) {
        super(message, null, false, false);
    }
}
