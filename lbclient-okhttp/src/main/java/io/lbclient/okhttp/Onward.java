package io.lbclient.okhttp;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import io.lbclient.retry.RetryRun;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import okhttp3.Call;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Decides, after each attempt of a call, whether another one follows, and when: it must be safe, the policy must want it,
 * the call must have the time, and the pool's budget must pay for it. Used by one thread at a time.
 */
final class Onward {
    private final Service service;
    private final Call call;
    private final Failures failures;
    private final RetryRun<Response> run;
    private final long start;

    Onward(Service service, Call call, Failures failures) {
        this.service = service;
        this.call = call;
        this.failures = failures;
        this.run = new RetryRun<>(service.plan.policy);
        this.start = service.pool.ticker().read();
    }

    /**
     * Returns how long to wait before the attempt after one that failed; null if none follows.
     *
     * @param safe whether the failure allows another attempt at all
     */
    @Nullable Duration after(IOException failure, boolean safe, Outcome outcome, Attempt attempt) {
        if (!safe) {
            return null;
        }
        if (outcome == Outcome.CONNECT_FAILURE) {
            if (attempt.hasAnother()) {
                // Nothing was sent, and there is somebody else to ask: no repeat, and no reason to wait.
                return paid(Duration.ZERO);
            }
            if (failure instanceof SSLException) {
                // Nobody has the right certificate, and that does not change in a moment.
                return null;
            }
        }
        return paid(run.after(failure));
    }

    /** Returns how long to wait before the attempt after one whose answer may be a failure; null if none follows. */
    @Nullable Duration after(Answer answer, boolean safe, Attempt attempt) {
        if (!safe || !service.plan.mayHandle(answer.response(), answer.outcome())) {
            return null;
        }
        Duration wanted = run.after(answer.response());
        if (wanted == null) {
            return null;
        }
        // What one server asks for binds those who go back to it; whoever goes elsewhere need not wait for it.
        Duration asked = attempt.hasAnother() ? null : answer.retryAfter();
        return paid(asked != null && asked.compareTo(wanted) > 0 ? asked : wanted);
    }

    /** An answer, what it says about the server, and how long the server asks to be left alone. */
    record Answer(
            Response response, Outcome outcome, @Nullable Duration retryAfter) {}

    private @Nullable Duration paid(@Nullable Duration wanted) {
        if (wanted == null) {
            return null;
        }
        // Compared before it is made nanoseconds: they cannot count to the year 9999.
        if (wanted.compareTo(RetryAfter.LONGEST) >= 0 || wanted.toNanos() >= nanosLeft()) {
            failures.note("no time for another");
            return null;
        }
        if (!service.mayRepeat()) {
            failures.note("the retry budget is used up");
            return null;
        }
        return wanted;
    }

    /** Returns what is left of the call's timeout; of a call without one, {@link Long#MAX_VALUE}. */
    long nanosLeft() {
        long timeout = call.timeout().timeoutNanos();
        return timeout == 0
                ? Long.MAX_VALUE
                : timeout - Math.max(0, service.pool.ticker().read() - start);
    }

    /** Returns the next attempt, or null if there is no server for it. */
    static @Nullable Attempt another(Attempt attempt) {
        try {
            return attempt.another();
        } catch (NoServerAvailableException e) {
            return null;
        }
    }

    /** Waits, unless the call is canceled meanwhile. */
    void pause(Duration duration) throws IOException {
        if (duration.isZero()) {
            return;
        }
        CountDownLatch canceled = new CountDownLatch(1);
        Canceled.tells(call, canceled::countDown);
        try {
            if (canceled.await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
                throw Canceled.failure();
            }
        } catch (InterruptedException e) {
            throw Interruption.of(e);
        }
    }
}
