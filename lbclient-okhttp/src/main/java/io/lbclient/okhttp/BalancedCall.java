package io.lbclient.okhttp;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import java.io.IOException;
import java.time.Duration;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** One passage of a call through the interceptor: picks, sends, and moves on while that is allowed. */
final class BalancedCall {
    private final Interceptor.Chain chain;
    private final Call call;
    private final Service service;
    private final CallState state;
    private final Exchange exchange;
    private final Failures failures;
    private final Onward onward;

    BalancedCall(Interceptor.Chain chain, Service service) throws IOException {
        this.chain = chain;
        this.service = service;
        call = chain.call();
        Canceled.check(call);
        state = CallState.of(call, service.connections, chain.request().url());
        exchange = new Exchange(chain, state);
        failures = new Failures(service.pool.name());
        onward = new Onward(service, call, failures);
    }

    Response execute() throws IOException {
        Attempt attempt = firstAttempt();
        state.begin(attempt);
        while (true) {
            Response response;
            try {
                response = exchange.send(attempt.server());
            } catch (IOException e) {
                attempt = afterFailure(attempt, e);
                state.begin(attempt);
                continue;
            } catch (RuntimeException | Error e) {
                // Thrown on this side, by an interceptor or by us: says nothing about the server.
                state.end(Outcome.CANCELLED);
                throw e;
            }
            Attempt next;
            try {
                next = afterResponse(attempt, response);
                if (next == null && state.succeeded()) {
                    response = Stickiness.bind(attempt, chain, response);
                }
            } catch (RuntimeException | Error e) {
                // The policy's conditions and listeners are the user's: its answer is nobody's any more.
                response.close();
                state.end(Outcome.CANCELLED);
                throw e;
            }
            if (next == null) {
                return exchange.asAsked(response);
            }
            attempt = next;
        }
    }

    private Attempt firstAttempt() throws IOException {
        Attempt failed = state.failedBefore();
        // An interceptor above repeats: no request of its own, and not one that the budget pays for.
        Attempt again = failed == null || !failed.hasAnother() ? null : Onward.another(failed);
        if (again != null) {
            return again;
        }
        service.request();
        return Turns.first(service, chain);
    }

    /** Returns where to go after a failure, or throws. */
    private Attempt afterFailure(Attempt attempt, IOException failure) throws IOException {
        if (call.isCanceled()) {
            // By the caller, or by the call timeout: the end of the call will tell.
            state.answered(Outcome.CANCELLED);
            throw failures.plain(failure);
        }
        Outcome outcome = Outcomes.of(failure, state);
        boolean ofServer = outcome.failure();
        boolean safe = exchange.mayRepeat(failure, outcome);
        state.end(outcome);
        Duration delay = onward.after(failure, safe, outcome, attempt);
        Attempt next = null;
        if (delay != null) {
            next = pausing(failure, attempt, delay);
        }
        if (next == null) {
            throw ofServer ? failures.of(attempt, failure) : failures.plain(failure);
        }
        failures.add(failure);
        return next;
    }

    private @Nullable Attempt pausing(IOException failure, Attempt attempt, Duration delay) throws IOException {
        try {
            onward.pause(delay);
        } catch (IOException e) {
            failures.add(failure);
            throw failures.plain(e);
        }
        return Onward.another(attempt);
    }

    /** Returns where to go after an answer, which is closed then; null if it is the answer. */
    private @Nullable Attempt afterResponse(Attempt attempt, Response response) throws IOException {
        if (exchange.isFromCache(response)) {
            // The cache answered: the server has nothing to do with how long the body takes to be read.
            state.end(Outcome.NOT_SENT);
            return null;
        }
        Outcome outcome = state.judged(service.plan, response);
        boolean safe = exchange.mayRepeat(response) && !call.isCanceled();
        Duration delay = onward.after(exchange.answer(response, outcome), safe, attempt);
        if (delay == null) {
            return null;
        }
        Attempt next;
        if (delay.isZero()) {
            next = Onward.another(attempt);
        } else {
            // The server is not to look busy while the call waits; but the answer stays, for when nobody else is left.
            state.end(outcome);
            next = wait(attempt, response, delay);
        }
        if (next == null) {
            return null;
        }
        // Before the close: should that fail, the new attempt must be known, or nothing would ever end it.
        state.begin(next);
        response.close();
        return next;
    }

    private @Nullable Attempt wait(Attempt attempt, Response response, Duration delay) throws IOException {
        try {
            onward.pause(delay);
        } catch (IOException e) {
            response.close();
            throw failures.plain(e);
        }
        return Onward.another(attempt);
    }
}
