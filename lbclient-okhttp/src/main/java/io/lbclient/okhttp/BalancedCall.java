package io.lbclient.okhttp;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.io.IOException;
import java.net.SocketTimeoutException;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** One passage of a call through the interceptor: picks, sends, and moves on while that is allowed. */
final class BalancedCall {
    /**
     * How many dead pooled connections a request may run into at one server. Each leaves the pool, so this is reached
     * only after a restart that left more of them than this, and then the next server is as good.
     */
    private static final int MAX_STALE = 10;

    private final Interceptor.Chain chain;
    private final Call call;
    private final Request request;
    private final Request guarded;
    private final ServerPool pool;
    private final CallState state;
    private final boolean repeatable;
    private final boolean recover;
    private int repeatsLeft;
    private @Nullable IOException first;

    BalancedCall(Interceptor.Chain chain, ServerPool pool, Repeats repeats) throws IOException {
        this.chain = chain;
        this.pool = pool;
        call = chain.call();
        if (call.isCanceled()) {
            throw new IOException("Canceled");
        }
        request = chain.request();
        state = CallState.of(call, pool, request.url());
        guarded = GuardedBody.guard(request, state);
        repeatable = repeats.isRepeatable(request);
        recover = chain.getRetryOnConnectionFailure();
        repeatsLeft = repeats.max();
    }

    Response execute() throws IOException {
        Attempt attempt = firstAttempt();
        state.begin(attempt);
        while (true) {
            Response response;
            try {
                response = send(attempt.server());
            } catch (IOException e) {
                attempt = afterFailure(attempt, e);
                state.begin(attempt);
                continue;
            } catch (RuntimeException | Error e) {
                // Thrown on this side, by an interceptor or by us: says nothing about the server.
                state.end(Outcome.CANCELLED);
                throw e;
            }
            Attempt next = afterResponse(attempt, response);
            if (next == null) {
                return asAsked(response);
            }
            attempt = next;
            // Before the close: should that fail, the new attempt must be known, or nothing would ever end it.
            state.begin(attempt);
            response.close();
        }
    }

    private Attempt firstAttempt() throws IOException {
        Attempt failed = state.failedBefore();
        Attempt again = failed == null ? null : another(failed);
        if (again != null) {
            return again;
        }
        try {
            return pool.pick(new OkHttpRequestView(request));
        } catch (NoServerAvailableException e) {
            throw new NoServerException(e);
        }
    }

    /** Returns an attempt at a server that the request was not sent to, or null if there is none. */
    private static @Nullable Attempt another(Attempt attempt) {
        if (!attempt.hasAnother()) {
            return null;
        }
        try {
            return attempt.another();
        } catch (NoServerAvailableException e) {
            // The last one left between the question and the pick.
            return null;
        }
    }

    /** Sends the request to one server, and again if all that failed was a connection that had died in the pool. */
    private Response send(Server server) throws IOException {
        ServerPin pin = new ServerPin(request.url(), server, chain.getDns(), chain.getSocketFactory());
        ServerPin held = state.held();
        if (held != null && !held.equals(pin)) {
            ReleaseHop.make(chain, state);
        }
        Interceptor.Chain pinned = pin.on(chain);
        for (int stale = 0; ; stale++) {
            state.restart();
            try {
                Response response = pinned.proceed(guarded);
                if (stale > 0 || !isStale(response)) {
                    return response;
                }
                response.close();
            } catch (IOException e) {
                if (stale == MAX_STALE || call.isCanceled() || !isStale(e)) {
                    throw e;
                }
            }
        }
    }

    /** Some servers say goodbye to an idle connection with a 408, which then answers the next request. */
    private boolean isStale(Response response) {
        return response.code() == 408 && repeatable && recover && state.reused() && !call.isCanceled();
    }

    /**
     * Returns whether a pooled connection failed in a way that says more about its age than about the server. The server
     * may have read the request all the same, so only what may be repeated is; unless it provably did nothing with it.
     */
    private boolean isStale(IOException failure) {
        if (!state.reused() || !state.sent() || state.answering() || state.broken() == null) {
            return false;
        }
        if (Repeats.isUnprocessed(failure)) {
            return canSendAgain();
        }
        return repeatable
                && recover
                && !(failure instanceof SocketTimeoutException)
                && !Repeats.isReset(failure)
                && Outcomes.of(failure, state) == Outcome.FAILURE;
    }

    private boolean canSendAgain() {
        return !state.bodyStarted() || Repeats.isReplayable(request);
    }

    /** Returns where to go after a failure, or throws. */
    private Attempt afterFailure(Attempt attempt, IOException failure) throws IOException {
        if (call.isCanceled()) {
            // By the caller, or by the call timeout: the end of the call will tell.
            state.answered(Outcome.CANCELLED);
            if (first != null) {
                failure.addSuppressed(first);
            }
            throw failure;
        }
        Outcome outcome = Outcomes.of(failure, state);
        boolean movesOn = mayMoveOn(failure, outcome);
        state.end(outcome);
        IOException thrown = first;
        if (thrown == null) {
            thrown = failure;
            first = failure;
        } else if (thrown != failure) {
            thrown.addSuppressed(failure);
        }
        Attempt next = movesOn ? another(attempt) : null;
        if (next == null) {
            throw thrown;
        }
        return next;
    }

    private boolean mayMoveOn(IOException failure, Outcome outcome) {
        if (!state.sent()) {
            return outcome == Outcome.CONNECT_FAILURE;
        }
        if (state.away() || state.broken() == null || repeatsLeft == 0) {
            return false;
        }
        boolean allowed = Repeats.isUnprocessed(failure)
                ? canSendAgain()
                : repeatable && recover && Repeats.isRepeatable(outcome);
        if (allowed) {
            repeatsLeft--;
        }
        return allowed;
    }

    /** Returns where to go after an answer, or null if it is the answer. */
    private @Nullable Attempt afterResponse(Attempt attempt, Response response) {
        if (response.networkResponse() == null && !state.sent()) {
            // The cache answered: the server has nothing to do with how long the body takes to be read.
            state.end(Outcome.NOT_SENT);
            return null;
        }
        int code = response.code();
        state.answered(state.away() ? Outcome.SUCCESS : Outcomes.of(code));
        boolean movesOn = Repeats.isRepeatable(code)
                && response.networkResponse() != null
                && repeatable
                && repeatsLeft > 0
                && !state.away()
                && !call.isCanceled();
        Attempt next = movesOn ? another(attempt) : null;
        if (next != null) {
            repeatsLeft--;
        }
        return next;
    }

    /** Takes back what was changed of the request for the way to the server. */
    private Response asAsked(Response response) {
        String retryAfter = state.retryAfter();
        boolean changed = guarded != request && response.request() == guarded;
        if (!changed && retryAfter == null) {
            return response;
        }
        Response.Builder builder = response.newBuilder();
        if (changed) {
            builder.request(request);
        }
        if (retryAfter != null) {
            builder.header(RetryAfter.HEADER, retryAfter);
        }
        return builder.build();
    }
}
