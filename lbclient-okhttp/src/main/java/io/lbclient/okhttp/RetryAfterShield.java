package io.lbclient.okhttp;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;

/**
 * A network interceptor that hides the {@code Retry-After} of a balanced call's 503 from OkHttp, which would ask the
 * same server again at once if it is 0. The application interceptor puts it back.
 */
enum RetryAfterShield implements Interceptor {
    INSTANCE;

    @Override
    public Response intercept(Chain chain) throws IOException {
        Response response = chain.proceed(chain.request());
        String value = response.code() == 503 ? response.header(RetryAfter.HEADER) : null;
        CallState state = value == null ? null : CallState.of(chain.call());
        if (value == null || state == null || state.away()) {
            return response;
        }
        state.retryAfter(value);
        return response.newBuilder().removeHeader(RetryAfter.HEADER).build();
    }
}
