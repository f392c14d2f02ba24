package io.lbclient.okhttp;

import io.lbclient.Outcome;
import java.io.IOException;
import java.util.Set;
import java.util.function.Predicate;
import okhttp3.Request;
import okhttp3.RequestBody;

/** What may be sent again, and when. */
final class Repeats {
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

    private final int max;
    private final Predicate<? super Request> repeatable;

    Repeats(int max, Predicate<? super Request> repeatable) {
        this.max = max;
        this.repeatable = repeatable;
    }

    /** Returns whether sending a request twice does what sending it once does (RFC 9110, 9.2.2). */
    static boolean isIdempotent(Request request) {
        return IDEMPOTENT.contains(request.method());
    }

    int max() {
        return max;
    }

    boolean isRepeatable(Request request) {
        return isReplayable(request) && repeatable.test(request);
    }

    static boolean isReplayable(Request request) {
        RequestBody body = request.body();
        return body == null || !(body.isOneShot() || body.isDuplex());
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

    /** An HTTP/2 stream that the server reset: an answer of its own, on a connection that works. */
    static boolean isReset(IOException failure) {
        return failure.getClass().getName().equals("okhttp3.internal.http2.StreamResetException");
    }
}
