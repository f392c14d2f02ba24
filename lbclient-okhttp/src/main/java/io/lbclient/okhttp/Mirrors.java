package io.lbclient.okhttp;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Authenticator;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends copies of requests to shadow pools, on other threads, a bounded number at once, and drops their answers.
 *
 * <p>A copy is one attempt in a call of its own. It reads the client's cookies and adds none, knows neither the cache nor
 * the authenticator, follows no redirect and tells no listener of the client. Whatever becomes of it, the request that it
 * is a copy of never knows.
 */
final class Mirrors {
    private static final Logger log = LoggerFactory.getLogger(LoadBalancingInterceptor.class);

    private static final Duration LONGEST = Duration.ofSeconds(10);
    /** What is read of an answer, so that its connection can be used again; of a longer one, the connection is closed. */
    private static final long MOST_READ = 1 << 20;

    private final @Nullable OkHttpClient client;
    private final Plan plan;
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicBoolean told = new AtomicBoolean();

    Mirrors(@Nullable OkHttpClient base, Plan plan) {
        this.plan = plan;
        client = base == null
                ? null
                : base.newBuilder()
                        .followRedirects(false)
                        .followSslRedirects(false)
                        .callTimeout(LONGEST)
                        .eventListener(EventListener.NONE)
                        .build();
    }

    /** Throws nothing: the request that is copied has its answer already, which would be lost. */
    void send(Interceptor.Chain outer, Service shadow) {
        OkHttpClient own = client;
        if (own == null) {
            if (told.compareAndSet(false, true)) {
                log.warn(
                        "{}: nothing is mirrored there (expected: a client made by LoadBalancingInterceptor.install)",
                        shadow.destination);
            }
            return;
        }
        try {
            if (Repeats.isReplayable(outer.request()) && !Repeats.isUpgrade(outer.request())) {
                sendOneMore(own, outer, shadow);
            }
        } catch (RuntimeException | Error e) {
            // Errors too: one is that there can be no more threads.
            log.debug("{}: a request could not be mirrored", shadow.destination, e);
        }
    }

    private void sendOneMore(OkHttpClient own, Interceptor.Chain outer, Service shadow) {
        if (underWay.incrementAndGet() > plan.mirrorsAtOnce) {
            underWay.decrementAndGet();
            log.debug("{}: a request is not mirrored, since {} are", shadow.destination, plan.mirrorsAtOnce);
            return;
        }
        try {
            plan.threads.execute(new Copy(own, outer, shadow));
        } catch (RuntimeException | Error e) {
            underWay.decrementAndGet();
            throw e;
        }
    }

    /** One copy. */
    final class Copy implements Runnable {
        private final Interceptor.Chain outer;
        private final Service shadow;
        private final Call call;

        private Copy(OkHttpClient client, Interceptor.Chain outer, Service shadow) {
            this.outer = outer;
            this.shadow = shadow;
            call = client.newCall(outer.request());
            call.tag(Copy.class, () -> this);
        }

        @Override
        public void run() {
            try (Response response = call.execute()) {
                BufferedSource source = response.body().source();
                long left = MOST_READ;
                while (left > 0 && source.request(1)) {
                    long some = Math.min(left, source.getBuffer().size());
                    source.skip(some);
                    left -= some;
                }
            } catch (IOException | RuntimeException e) {
                log.debug("{}: a mirrored request failed", shadow.destination, e);
            } finally {
                underWay.decrementAndGet();
            }
        }

        /** Runs within the call. */
        Response send(Interceptor.Chain bare) throws IOException {
            Interceptor.Chain chain = OuterSettings.apply(outer, bare)
                    .withCookieJar(new ReadOnlyCookies(outer.getCookieJar()))
                    .withCache(null)
                    .withAuthenticator(Authenticator.NONE);
            // Before the pick: nothing may come between an attempt and what ends it.
            CallState state = CallState.of(
                    chain.call(), shadow.connections, chain.request().url());
            Attempt attempt;
            try {
                attempt = shadow.destination.pick(new OkHttpRequestView(chain.request(), chain.getCookieJar()));
            } catch (NoServerAvailableException e) {
                throw new NoServerException(e);
            }
            state.begin(attempt);
            try {
                Response response = new Exchange(chain, state).send(attempt.server());
                state.judged(plan, response);
                return response;
            } catch (IOException e) {
                state.end(Outcomes.of(e, state));
                throw e;
            } catch (RuntimeException | Error e) {
                state.end(Outcome.CANCELLED);
                throw e;
            }
        }
    }
}
