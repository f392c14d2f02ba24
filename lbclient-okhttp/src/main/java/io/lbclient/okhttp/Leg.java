package io.lbclient.okhttp;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a {@link Race}: a nested call on a thread of its own.
 *
 * <p>Its ending is handed over by one compare-and-set: either the race takes it, or the race has given the leg up before,
 * and then the leg closes its own answer. So no answer is left open, however close the finish.
 */
final class Leg implements Runnable {
    private static final Object GIVEN_UP = new Object();

    final Attempt attempt;
    private final long start;
    private final Interceptor.Chain outer;
    private final Service service;
    private final Call inner;
    private final Queue<Object> finished;
    private final AtomicReference<@Nullable Object> ending = new AtomicReference<>();
    private volatile boolean safe;
    // The race's own thread alone uses these two.
    private long timeoutAt = Long.MAX_VALUE;
    private boolean overdue;
    private volatile Outcome outcome = Outcome.CANCELLED;
    private volatile Onward.@Nullable Answer answer;

    Leg(Interceptor.Chain outer, Service service, OkHttpClient base, Attempt attempt, Queue<Object> finished) {
        this.outer = outer;
        this.service = service;
        this.attempt = attempt;
        this.finished = finished;
        start = service.pool.ticker().read();
        inner = base.newCall(outer.request());
        inner.tag(Leg.class, () -> this);
    }

    /** The call's timeout ends with the call, which may be before the body is read: so what is left of it goes along. */
    void timeout(long nanosLeft) {
        if (nanosLeft == Long.MAX_VALUE) {
            inner.timeout().clearTimeout();
        } else {
            inner.timeout().timeout(Math.max(1, nanosLeft), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void run() {
        Object end;
        try {
            end = inner.execute();
        } catch (IOException | RuntimeException | Error e) {
            // It may have failed before it came to its server.
            attempt.close();
            end = e;
        }
        if (ending.compareAndSet(null, end)) {
            finished.add(this);
        } else if (end instanceof Response response) {
            response.close();
        }
    }

    /** Runs within the nested call, in place of the interceptors of the one that it stands in for. */
    Response send(Interceptor.Chain bare) throws IOException {
        Interceptor.Chain chain = OuterSettings.apply(outer, bare);
        CallState state =
                CallState.of(chain.call(), service.connections, chain.request().url());
        state.begin(attempt);
        Exchange exchange = new Exchange(chain, state);
        try {
            Response response = exchange.send(attempt.server());
            if (exchange.isFromCache(response)) {
                state.end(Outcome.NOT_SENT);
                return response;
            }
            outcome = state.judged(service.plan, response);
            service.answered(outcome, service.pool.ticker().read() - start);
            safe = exchange.mayRepeat(response);
            answer = exchange.answer(response, outcome);
            return exchange.asAsked(response);
        } catch (IOException e) {
            if (chain.call().isCanceled()) {
                state.answered(Outcome.CANCELLED);
                throw e;
            }
            outcome = Outcomes.of(e, state);
            safe = exchange.mayRepeat(e, outcome);
            state.end(outcome);
            throw e;
        }
    }

    /** The answer or the failure; null while there is neither, or if the leg was given up. */
    @Nullable Object ending() {
        Object end = ending.get();
        return end == GIVEN_UP ? null : end;
    }

    /** Whether what came of it allows another attempt. */
    boolean safe() {
        return safe;
    }

    Outcome outcome() {
        return outcome;
    }

    Onward.@Nullable Answer answer() {
        return answer;
    }

    void cancel() {
        inner.cancel();
    }

    /** When it is overdue, on the race's own clock; {@link Long#MAX_VALUE} for never. */
    long timeoutAt() {
        return timeoutAt;
    }

    void timeoutAt(long elapsedNanos) {
        timeoutAt = elapsedNanos;
    }

    /** Notes that its time is up, but nothing better can be done than to go on waiting for it. */
    void overdue() {
        overdue = true;
        timeoutAt = Long.MAX_VALUE;
    }

    /** Ends the leg because another one won: it would have taken at least as long as it has. */
    void lose() {
        if (ending.get() == null) {
            service.latencies.record(service.pool.ticker().read() - start);
        }
        giveUp(overdue ? Outcome.TIMEOUT : Outcome.CANCELLED);
    }

    /** Ends the leg: what it has, or will have, is closed. */
    void giveUp(Outcome verdict) {
        Object end = ending.getAndSet(GIVEN_UP);
        attempt.complete(end instanceof Response ? outcome : verdict);
        // Before the close, which would read what is left of the body to save the connection.
        inner.cancel();
        if (end instanceof Response response) {
            response.close();
        }
    }

    /** Closes an answer that is not good enough; its connection can be used again. */
    void discard() {
        if (ending.getAndSet(GIVEN_UP) instanceof Response response) {
            response.close();
        }
    }
}
