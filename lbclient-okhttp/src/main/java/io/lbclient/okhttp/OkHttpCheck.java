package io.lbclient.okhttp;

import io.lbclient.Server;
import io.lbclient.health.HealthCheck;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * A health check through an application's own OkHttp client: one request to the server in question, whose status, and
 * if asked for whose body, tell how the server is.
 *
 * <pre>{@code
 * HealthCheck check = OkHttpCheck.of(client, new Request.Builder().url("https://orders/health").build());
 * ServerPool orders = ServerPool.builder("orders")
 *     .healthMonitors(OutlierDetection.withDefaults(), ActiveChecks.of(check))
 *     ...
 * }</pre>
 *
 * <p>The URL is the logical one: its host is the service's name, and goes into the Host header, the TLS server name and
 * the certificate check, while the connection goes to the server that is asked. Interceptors, TLS settings, the
 * authenticator, time limits and connections are the client's, and its cookies are sent; neither its cookie jar nor its
 * cache is written to, and the cache is not read. Redirects are not followed. A {@link LoadBalancingInterceptor} in the
 * client lets the check pass: it is not balanced, and is no attempt of any pool.
 *
 * <p>A check runs on a thread of {@link io.lbclient.health.ActiveChecks}, not on one of the client's dispatcher: it
 * neither waits for the calls that are enqueued there nor takes a place from them. Immutable, safe for use by many
 * threads and in many pools.
 */
public final class OkHttpCheck implements HealthCheck {
    private final OkHttpClient client;
    private final Request request;
    private final int lowestStatus;
    private final int highestStatus;
    private final @Nullable String bodyContains;
    private final int maxBodyBytes;

    private OkHttpCheck(Builder settings) {
        client = settings.client
                .newBuilder()
                .followRedirects(false)
                .cache(null)
                .cookieJar(new ReadOnlyCookies(settings.client.cookieJar()))
                .build();
        request = settings.request;
        lowestStatus = settings.lowestStatus;
        highestStatus = settings.highestStatus;
        bodyContains = settings.bodyContains;
        maxBodyBytes = settings.maxBodyBytes;
    }

    /**
     * Returns a check that passes if the request is answered with a status of 200 to 299.
     *
     * @param client the client; it may have a {@link LoadBalancingInterceptor}
     * @param request what is asked; its URL's host is the service's name
     * @return the check
     * @throws IllegalArgumentException if the host is an IP address, or the request has a body that can be written only
     *     once
     */
    public static OkHttpCheck of(OkHttpClient client, Request request) {
        return builder(client, request).build();
    }

    /**
     * Begins a check.
     *
     * @param client the client; it may have a {@link LoadBalancingInterceptor}
     * @param request what is asked: method, path, headers and body; its URL's host is the service's name
     * @return a builder with the defaults
     * @throws IllegalArgumentException if the host is an IP address, or the request has a body that can be written only
     *     once
     */
    public static Builder builder(OkHttpClient client, Request request) {
        return new Builder(client, request);
    }

    @Override
    public CompletableFuture<Result> check(Server server, Executor executor) {
        HttpUrl url = request.url();
        ServerPin pin = new ServerPin(url, server, client.dns(), client.socketFactory());
        Call call;
        try {
            call = pin.on(client).newCall(request);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        Asking asking = new Asking(call);
        executor.execute(() -> {
            try {
                asking.complete(ask(call));
            } catch (Exception | LinkageError | AssertionError e) {
                asking.completeExceptionally(e);
            }
        });
        return asking;
    }

    private Result ask(Call call) throws IOException {
        try (Response response = call.execute()) {
            if (response.networkResponse() == null) {
                return Result.failed("answered by an interceptor of the client, not by the server");
            }
            if (response.code() < lowestStatus || response.code() > highestStatus) {
                return Result.failed("HTTP status " + response.code());
            }
            if (bodyContains != null && !text(response.body()).contains(bodyContains)) {
                return Result.failed("the body does not contain the expected text");
            }
            return Result.PASSED;
        }
    }

    /** As much of the body as the limit allows. */
    private String text(ResponseBody body) throws IOException {
        BufferedSource source = body.source();
        // Read is what comes until then, whether or not there is that much.
        source.request(maxBodyBytes);
        long size = Math.min(maxBodyBytes, source.getBuffer().size());
        return source.readUtf8(size);
    }

    @Override
    public String toString() {
        return request.method() + " " + request.url().redact();
    }

    /**
     * Cancelled with its call, which closes the socket or the stream that the thread waits for. The thread is not
     * interrupted: in the middle of a write that would break an HTTP/2 connection that other calls are using.
     */
    private static final class Asking extends CompletableFuture<Result> {
        private final Call call;

        Asking(Call call) {
            this.call = call;
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            if (cancelled) {
                call.cancel();
            }
            return cancelled;
        }
    }

    /** Collects the settings; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private final OkHttpClient client;
        private final Request request;
        private int lowestStatus = 200;
        private int highestStatus = 299;
        private @Nullable String bodyContains;
        private int maxBodyBytes = 64 * 1024;

        private Builder(OkHttpClient client, Request request) {
            String host = request.url().host();
            // OkHttp never asks a Dns about an address, so the check would go there whichever server is meant.
            if (ServerPin.isAddress(host)) {
                throw Checks.rejected("request", host, "a URL whose host is the service's name, not an IP address");
            }
            RequestBody body = request.body();
            if (body != null && (body.isOneShot() || body.isDuplex())) {
                throw Checks.rejected(
                        "request", "a body that can be written only once", "none, or one for every check");
            }
            this.client = client;
            this.request = request;
        }

        /**
         * Sets which statuses pass. Default: 200 to 299.
         *
         * @param lowest 200 to 599
         * @param highest {@code lowest} to 599
         * @return this builder
         * @throws IllegalArgumentException if they are something else
         */
        public Builder status(int lowest, int highest) {
            lowestStatus = Checks.between("lowest", lowest, 200, 599);
            highestStatus = Checks.between("highest", highest, lowest, 599);
            return this;
        }

        /**
         * Sets a text that the body must contain. Default: the body is not read.
         *
         * @param text the text, not empty; compared as UTF-8
         * @return this builder
         * @throws IllegalArgumentException if it is empty
         */
        public Builder bodyContains(String text) {
            if (text.isEmpty()) {
                throw Checks.rejected("bodyContains", "\"\"", "not empty");
            }
            bodyContains = text;
            return this;
        }

        /**
         * Sets how much of the body is looked at, in bytes after decompression. Default: 65 536.
         *
         * @param bytes 1 to 1 048 576
         * @return this builder
         * @throws IllegalArgumentException if it is something else
         */
        public Builder maxBodyBytes(int bytes) {
            maxBodyBytes = Checks.between("maxBodyBytes", bytes, 1, 1 << 20);
            return this;
        }

        /**
         * Builds the check.
         *
         * @return the check
         * @throws IllegalArgumentException if the method is HEAD and a body is expected
         */
        public OkHttpCheck build() {
            if (request.method().equals("HEAD") && bodyContains != null) {
                throw Checks.rejected("method", "HEAD", "one whose answer has a body, for bodyContains");
            }
            return new OkHttpCheck(this);
        }
    }
}
