package io.lbclient.okhttp;

import io.lbclient.Outcome;
import java.io.IOException;
import java.util.Set;
import okhttp3.Request;
import okhttp3.RequestBody;

/** What may be sent again, and when. */
final class Repeats {
    /** What a client sends to say that the server recognizes a repeat by it (draft-ietf-httpapi-idempotency-key-header). */
    private static final String KEY = "Idempotency-Key";

    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

    private Repeats() {}

    /** Returns whether sending a request twice does what sending it once does (RFC 9110, 9.2.2). */
    static boolean isIdempotent(Request request) {
        return IDEMPOTENT.contains(request.method());
    }

    /** Returns whether a request may be sent again although a server may have processed it. */
    static boolean isRepeatable(Request request) {
        if (!isReplayable(request)) {
            return false;
        }
        Repeatable said = request.tag(Repeatable.class);
        return said != null ? said == Repeatable.YES : isIdempotent(request) || request.header(KEY) != null;
    }

    static boolean isReplayable(Request request) {
        RequestBody body = request.body();
        return body == null || !(body.isOneShot() || body.isDuplex());
    }

    /** Returns whether a request asks for another protocol, such as a WebSocket: its answer is a connection. */
    static boolean isUpgrade(Request request) {
        return request.header("Upgrade") != null;
    }

    /** Returns whether an answer is worth a try elsewhere. */
    static boolean isRepeatable(int status) {
        return status == 502 || status == 503 || status == 504 || status == 429;
    }

    /** Returns whether a request that was sent and not answered is worth a try elsewhere. */
    static boolean isRepeatable(Outcome outcome) {
        return outcome == Outcome.FAILURE || outcome == Outcome.TIMEOUT;
    }

    /**
     * Returns whether the server has provably done nothing with a request: it refused the stream (RFC 9113, 8.7), or the
     * connection was shutting down before a frame of the request was written. OkHttp's types for this are not public.
     */
    static boolean isUnprocessed(IOException failure) {
        return isRefused(failure)
                || failure.getClass().getName().equals("okhttp3.internal.http2.ConnectionShutdownException");
    }

    static boolean isRefused(IOException failure) {
        return isReset(failure) && "stream was reset: REFUSED_STREAM".equals(failure.getMessage());
    }

    /** What a server that is done with a stream would say; and what OkHttp makes of a connection that ended in good order. */
    static boolean isCancelled(IOException failure) {
        return isReset(failure) && "stream was reset: CANCEL".equals(failure.getMessage());
    }

    /** An HTTP/2 stream that the server reset: an answer of its own, on a connection that works. */
    static boolean isReset(IOException failure) {
        return failure.getClass().getName().equals("okhttp3.internal.http2.StreamResetException");
    }
}
