package io.lbclient.okhttp;

import io.lbclient.ServerPool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * An OkHttp application interceptor that sends each request whose URL host is a pool's name to a server of that pool.
 *
 * <pre>{@code
 * OkHttpClient client = new OkHttpClient.Builder()
 *     .addInterceptor(LoadBalancingInterceptor.of(orders))
 *     .build();
 * client.newCall(new Request.Builder().url("http://orders/api/items").build()).execute();
 * }</pre>
 *
 * <p>The URL stays logical for all who look at it: the Host header, TLS, cookies, the cache, redirects, authenticators
 * and {@code response.request()}; its port is not used to reach the server. Requests to other hosts pass untouched.
 *
 * <p>A request that could not be sent moves on to another server, whatever it is. A request that may have been
 * processed is repeated, on another server and at most twice, only if its method is idempotent and its body can be
 * written again; a POST is never sent twice, and OkHttp's own repeats are off. It must be the last application
 * interceptor, needs OkHttp 5.4.0 or later, and is safe for use by many threads and many clients.
 */
public final class LoadBalancingInterceptor implements Interceptor {
    /** How often a request that was sent is repeated unless told otherwise: {@value}. */
    public static final int DEFAULT_MAX_REPEATS = 2;

    private final Map<String, ServerPool> pools;
    private final Repeats repeats;

    private LoadBalancingInterceptor(Builder settings) {
        this.pools = Map.copyOf(settings.pools());
        this.repeats = new Repeats(settings.maxRepeats, settings.repeatable);
    }

    /**
     * Returns an interceptor for one pool, with the default settings.
     *
     * @param pool the pool; its name is the host of the URLs to balance
     * @return the interceptor
     * @throws IllegalArgumentException if the pool's name cannot be the host of a URL, or is an IP address
     * @throws IllegalStateException if the OkHttp on the class path is older than 5.4.0
     */
    public static LoadBalancingInterceptor of(ServerPool pool) {
        return builder().pool(pool).build();
    }

    /**
     * Begins an interceptor for several pools, or with other settings.
     *
     * @return a builder with the defaults and no pool
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns a client like the given one that has this interceptor last, where it belongs, and that also stops the one
     * repeat of OkHttp's that an application interceptor cannot stop: a GET whose answer was 503 with {@code
     * Retry-After: 0} goes on to another server at once, rather than to the same one again first.
     *
     * @param client the client; unchanged, and shares its connections and threads with the returned one
     * @return the balanced client
     */
    public OkHttpClient install(OkHttpClient client) {
        OkHttpClient.Builder builder = client.newBuilder().addInterceptor(this);
        // First, so that it is the last to see the response: those of the user see the header as the server sent it.
        builder.networkInterceptors().add(0, RetryAfterShield.INSTANCE);
        return builder.build();
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Request request = chain.request();
        ServerPool pool = pools.get(request.url().host());
        // A pinned chain comes from another interceptor of ours, which has chosen already, or from a health check.
        if (pool == null || chain.getDns() instanceof ServerPin) {
            return chain.proceed(request);
        }
        if (chain.connection() != null) {
            throw new IllegalStateException(
                    pool.name() + ": added as a network interceptor (expected: the last application interceptor)");
        }
        return new BalancedCall(chain, pool, repeats).execute();
    }

    /** Collects the settings of an interceptor; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private final List<ServerPool> pools = new ArrayList<>();
        private int maxRepeats = DEFAULT_MAX_REPEATS;
        private Predicate<? super Request> repeatable = Repeats::isIdempotent;

        private Builder() {}

        /**
         * Adds a pool.
         *
         * @param pool the pool; its name, in lower case, is the host of the URLs to balance
         * @return this builder
         */
        public Builder pool(ServerPool pool) {
            pools.add(pool);
            return this;
        }

        /**
         * Sets how often a request that may have been processed is repeated on another server. Default: {@value
         * #DEFAULT_MAX_REPEATS}. A request that could not be sent is not counted: it moves on while there is another
         * server.
         *
         * @param repeats at least 0; 0 means never
         * @return this builder
         * @throws IllegalArgumentException if negative
         */
        public Builder maxRepeats(int repeats) {
            if (repeats < 0) {
                throw new IllegalArgumentException("maxRepeats: " + repeats + " (expected: >= 0)");
            }
            maxRepeats = repeats;
            return this;
        }

        /**
         * Sets which requests may be sent again although a server may have processed them. Default: those with the
         * method GET, HEAD, OPTIONS, TRACE, PUT or DELETE. Whatever it says, a body that can be written only once is
         * never sent again.
         *
         * @param condition asked once for each call, on the caller's thread; for example true for a POST that carries an
         *     idempotency key
         * @return this builder
         */
        public Builder repeatable(Predicate<? super Request> condition) {
            repeatable = condition;
            return this;
        }

        /**
         * Builds the interceptor.
         *
         * @return the interceptor
         * @throws IllegalArgumentException if there is no pool, two have one name, or a name cannot be the host of a URL
         *     or is an IP address
         * @throws IllegalStateException if the OkHttp on the class path is older than 5.4.0
         */
        public LoadBalancingInterceptor build() {
            OkHttpVersion.check(LoadBalancingInterceptor.class.getClassLoader());
            return new LoadBalancingInterceptor(this);
        }

        private Map<String, ServerPool> pools() {
            Map<String, ServerPool> byHost = new LinkedHashMap<>();
            for (ServerPool pool : pools) {
                if (byHost.put(hostOf(pool), pool) != null) {
                    throw new IllegalArgumentException("pool: " + pool.name() + " (expected: one pool for each name)");
                }
            }
            if (byHost.isEmpty()) {
                throw new IllegalArgumentException("pools: none (expected: at least one)");
            }
            return byHost;
        }

        private static String hostOf(ServerPool pool) {
            String name = pool.name();
            // OkHttp never asks a Dns about an address, so a pool with such a name would be passed by.
            if (ServerPin.isAddress(name)) {
                throw new IllegalArgumentException("pool: " + name + " (expected: a name that is not an IP address)");
            }
            String host = name.toLowerCase(Locale.ROOT);
            HttpUrl url = HttpUrl.parse("http://" + name + "/");
            if (url == null || !url.host().equals(host)) {
                throw new IllegalArgumentException(
                        "pool: " + name + " (expected: a name that can be the host of a URL)");
            }
            return host;
        }
    }
}
