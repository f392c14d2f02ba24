package io.lbclient.okhttp;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.Fallback;
import dev.failsafe.RetryPolicy;
import io.lbclient.ServerPool;
import io.lbclient.retry.Hedge;
import io.lbclient.retry.PerTryTimeout;
import io.lbclient.retry.ResponseClassifier;
import io.lbclient.routing.Router;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * An OkHttp application interceptor that sends each request whose URL host is a pool's name to a server of that pool,
 * or asks a router for the pool.
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
 * processed is repeated, on another server and at most twice, only if its method is idempotent or it says that it may be
 * (see {@link Repeatable}), and its body can be written again; no other POST is ever sent twice, and OkHttp's own repeats
 * are off. All that goes beyond the first attempt of each request is paid for from the pool's {@link
 * io.lbclient.RetryBudget}.
 *
 * <p>It must be the last application interceptor, needs OkHttp 5.4.0 or later, and is safe for use by many threads and
 * many clients.
 */
public final class LoadBalancingInterceptor implements Interceptor {
    /** A connection whose server has vanished is found out after at most two of these. */
    private static final Duration PING_INTERVAL = Duration.ofSeconds(5);

    private final Routes routes;
    private final Plan plan;
    /** The client of nested calls; null for an interceptor that was not installed. */
    private final @Nullable OkHttpClient base;

    private final Mirrors mirrors;

    private LoadBalancingInterceptor(Builder settings) {
        plan = new Plan(settings);
        routes = new Routes(settings.pools, settings.routers, plan);
        base = null;
        mirrors = new Mirrors(null, plan);
    }

    private LoadBalancingInterceptor(LoadBalancingInterceptor from, OkHttpClient base) {
        routes = from.routes;
        plan = from.plan;
        this.base = base;
        mirrors = new Mirrors(base, plan);
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
     * <p>Hedging, timeouts for each try and mirrors work in such a client only.
     *
     * <p>A client without a {@code pingInterval} gets one of 5 s: without pings, an HTTP/2 connection whose server has
     * vanished is used again and again. It holds for the client's WebSockets too, as it always does in OkHttp.
     *
     * @param client the client; unchanged, and shares its connections and threads with the returned one
     * @return the balanced client
     */
    public OkHttpClient install(OkHttpClient client) {
        OkHttpClient.Builder builder = client.newBuilder();
        // First, so that it is the last to see the response: those of the user see the header as the server sent it.
        builder.networkInterceptors().add(0, RetryAfterShield.INSTANCE);
        if (client.pingIntervalMillis() == 0) {
            builder.pingInterval(PING_INTERVAL);
        }
        OkHttpClient.Builder bare = builder.build().newBuilder();
        bare.interceptors().clear();
        bare.addInterceptor(Legs.INSTANCE);
        return builder.addInterceptor(new LoadBalancingInterceptor(this, bare.build()))
                .build();
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Request request = chain.request();
        // A pinned chain comes from another interceptor of ours, which has chosen already.
        if (!routes.serve(request.url().host()) || chain.getDns() instanceof ServerPin) {
            return chain.proceed(request);
        }
        if (chain.connection() != null) {
            throw new IllegalStateException(request.url().host()
                    + ": added as a network interceptor (expected: the last application interceptor)");
        }
        Fallback<Response> fallback = plan.fallback;
        return fallback == null ? route(chain) : sendOrFallBack(chain, fallback);
    }

    private Response route(Chain chain) throws IOException {
        Routes.Choice choice = routes.choose(chain.request(), chain.getCookieJar());
        Service shadow = choice.mirror();
        if (shadow == null) {
            return send(chain, choice);
        }
        try {
            return send(chain, choice);
        } finally {
            // After the request has been sent: its body is never written by two threads at once. And what the caller
            // has given up is wanted nowhere.
            if (!chain.call().isCanceled()) {
                mirrors.send(chain, shadow);
            }
        }
    }

    private Response send(Chain chain, Routes.Choice choice) throws IOException {
        Service other = choice.fallback();
        if (other == null) {
            return send(chain, choice.service());
        }
        try {
            return send(chain, choice.service());
        } catch (NoServerException e) {
            // Nobody could be picked, so nothing has been sent.
            return send(chain, other);
        }
    }

    private Response send(Chain chain, Service service) throws IOException {
        if (!plan.races() || !Repeats.isRepeatable(chain.request()) || Repeats.isUpgrade(chain.request())) {
            return new BalancedCall(chain, service).execute();
        }
        OkHttpClient nested = base;
        if (nested == null) {
            throw new IllegalStateException(
                    service.pool.name()
                            + ": hedging or a timeout for each try (expected: a client made by LoadBalancingInterceptor.install)");
        }
        return Race.run(chain, service, nested);
    }

    private Response sendOrFallBack(Chain chain, Fallback<Response> fallback) throws IOException {
        AtomicReference<@Nullable Response> sent = new AtomicReference<>();
        Response result = null;
        try {
            result = Failsafe.with(fallback).get(() -> {
                Response response = route(chain);
                sent.set(response);
                return response;
            });
            return result;
        } catch (FailsafeException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw e;
        } finally {
            // Also if the fallback threw: an answer that nobody gets must not keep its connection.
            Response response = sent.get();
            if (response != null && response != result) {
                response.close();
            }
        }
    }

    /** Collects the settings of an interceptor; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private final List<ServerPool> pools = new ArrayList<>();
        private final Map<String, Router> routers = new LinkedHashMap<>();

        @Nullable RetryPolicy<Response> retry;

        @Nullable ResponseClassifier<Response> classifier;

        @Nullable Hedge hedge;

        @Nullable PerTryTimeout perTryTimeout;

        @Nullable Fallback<Response> fallback;

        int queueCapacity = 100;
        Duration queueWait = Duration.ofSeconds(1);
        int mirrorsAtOnce = 64;

        @Nullable Duration drainTime;

        Executor threads = NestedThreads.SHARED;

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
         * Adds a router, which chooses the pool of each request to one of some hosts. If it finds none, the call fails with an
         * {@link IOException} whose cause is a {@link io.lbclient.routing.NoRouteException}.
         *
         * @param router the router
         * @param hosts the hosts of the URLs that it is asked about; at least one
         * @return this builder
         * @throws IllegalArgumentException if there is no host, or one has a router already
         */
        public Builder router(Router router, String... hosts) {
            if (hosts.length == 0) {
                throw new IllegalArgumentException("hosts: none (expected: at least one)");
            }
            for (String host : hosts) {
                if (routers.putIfAbsent(Routes.host(host), router) != null) {
                    throw new IllegalArgumentException("host: " + host + " (expected: one router for each host)");
                }
            }
            return this;
        }

        /**
         * Sets how many mirrored requests may be under way; what would be more is not mirrored. Default: 64. Works in a
         * client made by {@link LoadBalancingInterceptor#install}.
         *
         * @param atOnce 1 to 10 000
         * @return this builder
         * @throws IllegalArgumentException if it is out of its range
         */
        public Builder mirrors(int atOnce) {
            mirrorsAtOnce = Checks.between("mirrors", atOnce, 1, 10_000);
            return this;
        }

        /**
         * Sets what is retried, how often, and after which delays, in place of the default: answers 502, 503, 504 and
         * 429, and what a {@link #classifier} calls a failure; lost connections and timeouts; at most 2 more attempts,
         * with full jitter of 25 ms, then 50 ms.
         *
         * <p>The policy decides within what is safe: only requests that may be repeated are, whatever it says. Every
         * server that was tried is left out while another one is eligible. A failure to connect to a server is no
         * repeat: the request moves on to the next server at once, and the policy is asked only when none is left. The
         * pool's budget has the last word.
         *
         * @param policy the policy; its listeners are called, {@code withMaxRetries(0)} switches retries off
         * @return this builder
         */
        public Builder retry(RetryPolicy<Response> policy) {
            retry = policy;
            return this;
        }

        /**
         * Sets what answers say about a server. Default: 429 and 503 that it is overloaded, any other 5xx that it failed,
         * all else that it succeeded.
         *
         * @param rule the rule; to look into a body it may {@code peekBody}
         * @return this builder
         */
        public Builder classifier(ResponseClassifier<Response> rule) {
            classifier = rule;
            return this;
        }

        /**
         * Sends requests that may be repeated to a second server when the first is late. Default: off. Works in a client
         * made by {@link LoadBalancingInterceptor#install}. Event listeners see each attempt as a call of its own. A body is
         * written by two threads at once, so one that reads a shared position of a file has to be one-shot.
         *
         * @param hedging when, and how many
         * @return this builder
         */
        public Builder hedge(Hedge hedging) {
            hedge = hedging;
            return this;
        }

        /**
         * Sets how long an attempt at a request that may be repeated may take until its answer begins. When the time is
         * up, the attempt is given up for another one, if policy, deadline and budget allow one; otherwise it goes on.
         * Default: no such time, only the client's own timeouts. Works in a client made by {@link LoadBalancingInterceptor#install}.
         *
         * @param timeout the time
         * @return this builder
         */
        public Builder perTryTimeout(PerTryTimeout timeout) {
            perTryTimeout = timeout;
            return this;
        }

        /**
         * Sets what a caller gets when all has failed. Default: the failure.
         *
         * @param substitute the fallback; an answer that it replaces is closed
         * @return this builder
         */
        public Builder fallback(Fallback<Response> substitute) {
            fallback = substitute;
            return this;
        }

        /**
         * Sets how many requests wait, and for how long, while every server has as much in flight as its limit allows.
         * Default: 100 for each pool, for 1 s. Only {@link io.lbclient.retry.ConcurrencyLimits} have anybody wait.
         *
         * @param capacity 0 to 1 000 000; 0 means that none does
         * @param wait greater than zero
         * @return this builder
         * @throws IllegalArgumentException if one of them is out of its range
         */
        public Builder queue(int capacity, Duration wait) {
            int checked = Checks.between("capacity", capacity, 0, 1_000_000);
            queueWait = Checks.positive("wait", wait);
            queueCapacity = checked;
            return this;
        }

        /**
         * Sets how long what is under way, streams too, may go on at a server that has left its pool and does not come back.
         * Then its connections are closed; a request that may be repeated and has no answer moves on. Default: for as long
         * as it takes. Idle connections are closed at once in any case.
         *
         * @param time greater than zero
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder drainTime(Duration time) {
            drainTime = Checks.positive("drainTime", time);
            return this;
        }

        /**
         * Sets where hedged and timed attempts and mirrored requests run. Default: daemon threads, as many as there are of
         * those. A bound would have requests wait for each other.
         *
         * @param executor the executor; it must not run a task on the thread that gives it
         * @return this builder
         */
        public Builder threads(Executor executor) {
            threads = executor;
            return this;
        }

        /**
         * Builds the interceptor.
         *
         * @return the interceptor
         * @throws IllegalArgumentException if there is neither pool nor router, two are for one host, or a name cannot be the
         *     host of a URL or is an IP address
         * @throws IllegalStateException if the OkHttp on the class path is older than 5.4.0
         */
        public LoadBalancingInterceptor build() {
            OkHttpVersion.check(LoadBalancingInterceptor.class.getClassLoader());
            return new LoadBalancingInterceptor(this);
        }
    }
}
