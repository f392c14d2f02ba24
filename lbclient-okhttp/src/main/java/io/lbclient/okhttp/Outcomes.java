package io.lbclient.okhttp;

import io.lbclient.Outcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;

/**
 * Maps how an attempt went to what it says about the server.
 *
 * <table>
 * <caption>Outcomes</caption>
 * <tr><th>what happened</th><th>outcome</th></tr>
 * <tr><td>status 1xx, 2xx, 3xx, 4xx but 429; a redirect that led to another host</td><td>SUCCESS</td></tr>
 * <tr><td>status 429, 503; HTTP/2 stream refused</td><td>OVERLOADED</td></tr>
 * <tr><td>any other 5xx</td><td>FAILURE</td></tr>
 * <tr><td>connection refused, connect timeout, TLS handshake or certificate, name not resolved</td>
 *     <td>CONNECT_FAILURE</td></tr>
 * <tr><td>read or write timeout, call timeout</td><td>TIMEOUT</td></tr>
 * <tr><td>connection lost after sending, body cut, malformed response</td><td>FAILURE</td></tr>
 * <tr><td>the call was cancelled, its thread interrupted, its request body could not be read, the response was
 *     abandoned</td><td>CANCELLED</td></tr>
 * <tr><td>answered by the cache, or failed on this side before anything was sent</td><td>NOT_SENT</td></tr>
 * </table>
 */
final class Outcomes {
    private Outcomes() {}

    /** The outcome of an answer. */
    static Outcome of(int status) {
        if (status == 429 || status == 503) {
            return Outcome.OVERLOADED;
        }
        return status >= 500 ? Outcome.FAILURE : Outcome.SUCCESS;
    }

    /** The outcome of a failure that is not due to a cancelled call. */
    static Outcome of(IOException failure, CallState state) {
        if (!state.sent()) {
            return failedToConnect(failure, state) ? Outcome.CONNECT_FAILURE : Outcome.NOT_SENT;
        }
        if (state.away()) {
            return Outcome.SUCCESS;
        }
        if (failure instanceof SocketTimeoutException) {
            return Outcome.TIMEOUT;
        }
        if (failure instanceof InterruptedIOException) {
            return Outcome.CANCELLED;
        }
        if (Repeats.isUnprocessed(failure)) {
            return Repeats.isRefused(failure) ? Outcome.OVERLOADED : Outcome.NOT_SENT;
        }
        if (state.broken() == null) {
            // The connection has not failed: an interceptor threw, or the request's body could not be read.
            return state.answering() && failure instanceof ProtocolException ? Outcome.FAILURE : Outcome.CANCELLED;
        }
        return Outcome.FAILURE;
    }

    /** The outcome of a call that failed in the end, {@code verdict} being what its answer said until then. */
    static Outcome ofEnd(IOException failure, boolean canceled, CallState state, Outcome verdict) {
        if (isCallTimeout(failure)) {
            return Outcome.TIMEOUT;
        }
        if (canceled) {
            return Outcome.CANCELLED;
        }
        IOException broken = state.broken();
        return broken == null ? verdict : of(broken, state);
    }

    private static boolean failedToConnect(IOException failure, CallState state) {
        return !state.connected() && (state.connectFailed() || failure instanceof UnknownHostException);
    }

    private static boolean isCallTimeout(IOException failure) {
        return failure instanceof InterruptedIOException
                && !(failure instanceof SocketTimeoutException)
                && "timeout".equals(failure.getMessage());
    }
}
