package io.lbclient.okhttp;

import io.lbclient.Outcome;
import io.lbclient.Server;
import java.io.IOException;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Sends a call's request to one server or another, and knows what may be sent again. */
final class Exchange {
    /**
     * How many dead pooled connections a request may run into at one server. Each leaves the pool, so this is reached
     * only after a restart that left more of them than this, and then the next server is as good.
     */
    private static final int MAX_STALE = 10;

    private final Interceptor.Chain chain;
    private final Call call;
    private final Request request;
    private final Request guarded;
    private final CallState state;
    private final boolean repeatable;
    private final boolean recover;
    /** The connection on which a stream was cancelled last. */
    private @Nullable Link cancelled;

    Exchange(Interceptor.Chain chain, CallState state) {
        this.chain = chain;
        this.state = state;
        call = chain.call();
        request = chain.request();
        guarded = GuardedBody.guard(request, state);
        repeatable = Repeats.isRepeatable(request);
        recover = chain.getRetryOnConnectionFailure();
    }

    /** Sends the request to one server, and again if all that failed was a connection that had died in the pool. */
    Response send(Server server) throws IOException {
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
        if (state.doomed() && !state.answering()) {
            return canSendAgain();
        }
        if (state.cut()) {
            return false;
        }
        if (!state.reused() || !state.sent() || state.answering() || state.broken() == null) {
            return false;
        }
        if (Repeats.isUnprocessed(failure)) {
            return canSendAgain();
        }
        return repeatable
                && recover
                && (!Repeats.isReset(failure) || isEnd(failure))
                && Outcomes.of(failure, state) == Outcome.FAILURE;
    }

    /**
     * Returns whether an HTTP/2 stream was cancelled because its connection ended, for all that can be told: a server that
     * cancels streams on a connection that works is met on that connection again, and then this is false.
     */
    private boolean isEnd(IOException failure) {
        Link present = state.link();
        if (!Repeats.isCancelled(failure) || present == cancelled) {
            return false;
        }
        cancelled = present;
        return true;
    }

    private boolean canSendAgain() {
        return !state.bodyStarted() || Repeats.isReplayable(request);
    }

    /** Returns whether the failure of the attempt just made allows another one. */
    boolean mayRepeat(IOException failure, Outcome outcome) {
        if (!state.sent()) {
            return outcome == Outcome.CONNECT_FAILURE;
        }
        if (state.away() || state.broken() == null) {
            return false;
        }
        return Repeats.isUnprocessed(failure) ? canSendAgain() : repeatable && recover && Repeats.isRepeatable(outcome);
    }

    /** Returns whether the answer just had allows another attempt. */
    boolean mayRepeat(Response response) {
        return repeatable && response.networkResponse() != null && !state.away();
    }

    Onward.Answer answer(Response response, Outcome outcome) {
        return new Onward.Answer(response, outcome, RetryAfter.of(state.retryAfter(), response));
    }

    /** Returns whether the answer came from the cache, and no server was asked. */
    boolean isFromCache(Response response) {
        return response.networkResponse() == null && !state.sent();
    }

    /** Takes back what was changed of the request for the way to the server. */
    Response asAsked(Response response) {
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
