package io.lbclient.okhttp;

import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * A request body that OkHttp does not send again by itself after an answer such as 408, 421 or 503 with {@code
 * Retry-After: 0}, because it then says that it can be written once only.
 *
 * <p>A redirect that keeps the method and a challenge that an {@code Authenticator} meets are not repeats, but go on
 * with a request that the server has declined; after those the body answers for itself.
 */
final class GuardedBody extends RequestBody {
    private final RequestBody body;
    private final CallState state;

    private GuardedBody(RequestBody body, CallState state) {
        this.body = body;
        this.state = state;
    }

    /**
     * Returns the request with its body guarded. One that may have a body, has none, and is not idempotent, gets an
     * empty one: nothing else keeps OkHttp from sending it again.
     */
    static Request guard(Request request, CallState state) {
        RequestBody body = request.body();
        if (body == null) {
            if (Repeats.isIdempotent(request)) {
                return request;
            }
            body = RequestBody.EMPTY;
        }
        return request.newBuilder()
                .method(request.method(), new GuardedBody(body, state))
                .build();
    }

    @Override
    public @Nullable MediaType contentType() {
        return body.contentType();
    }

    @Override
    public long contentLength() throws IOException {
        return body.contentLength();
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
        body.writeTo(sink);
    }

    @Override
    public boolean isDuplex() {
        return body.isDuplex();
    }

    @Override
    public boolean isOneShot() {
        return body.isOneShot() || (state.answering() && !goesOn(state.status()));
    }

    private static boolean goesOn(int status) {
        return (status >= 300 && status <= 308) || status == 401 || status == 407;
    }
}
