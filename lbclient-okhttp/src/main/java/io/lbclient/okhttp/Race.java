package io.lbclient.okhttp;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.retry.Hedge;
import io.lbclient.retry.PerTryTimeout;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * A call whose attempts may be given up for others: hedged, or with a timeout for each try. Each attempt is a nested
 * call, executed on a thread of its own; this one waits for the first good answer.
 *
 * <p>Never through the dispatcher: the calls that wait would hold the places that the nested ones need.
 */
final class Race {
    private static final Object WAKE = new Object();
    private static final long NEVER = Long.MAX_VALUE;

    private final Interceptor.Chain chain;
    private final Call call;
    private final Service service;
    private final OkHttpClient base;
    private final Failures failures;
    private final Onward onward;
    private final long origin;
    private final BlockingQueue<Object> finished = new LinkedBlockingQueue<>();
    /** Those that run; the winner stays, so that a cancel reaches it while its body is read. */
    private final List<Leg> legs = new CopyOnWriteArrayList<>();

    // Times are nanoseconds since the origin, so that they can be compared whatever the clock shows.
    private long hedgeAt = NEVER;
    private long retryAt = NEVER;
    private Attempt latest;
    /** What there is to return if nothing better comes: an answer that is a failure, or else a failure. */
    private @Nullable Leg refused;

    private @Nullable IOException lastFailure;

    private Race(Interceptor.Chain chain, Service service, OkHttpClient base) throws IOException {
        this.chain = chain;
        this.service = service;
        this.base = base;
        call = chain.call();
        origin = service.pool.ticker().read();
        failures = new Failures(service.pool.name());
        onward = new Onward(service, call, failures);
        Canceled.check(call);
        service.request();
        latest = Turns.first(service, chain);
    }

    static Response run(Interceptor.Chain chain, Service service, OkHttpClient base) throws IOException {
        Race race = new Race(chain, service, base);
        Canceled.tells(race.call, race::canceled);
        return race.run();
    }

    private void canceled() {
        legs.forEach(Leg::cancel);
        finished.add(WAKE);
    }

    private Response run() throws IOException {
        try {
            start(latest);
            Hedge hedge = service.plan.hedge;
            hedgeAt = hedge == null ? NEVER : in(hedge.delayNanos(service.latencies));
            while (true) {
                Leg ended = next();
                if (call.isCanceled()) {
                    throw failures.plain(Canceled.failure());
                }
                Response response = ended == null ? whenDue() : whenEnded(ended);
                if (response != null) {
                    return response;
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            legs.forEach(leg -> leg.giveUp(Outcome.CANCELLED));
            discardRefused();
            throw e;
        }
    }

    private void start(Attempt attempt) {
        latest = attempt;
        try {
            Leg leg = new Leg(chain, service, base, attempt, finished);
            leg.timeout(onward.nanosLeft());
            PerTryTimeout timeout = service.plan.perTryTimeout;
            leg.timeoutAt(timeout == null ? NEVER : in(timeout.timeoutNanos(service.latencies)));
            legs.add(leg);
            service.plan.threads.execute(leg);
            // Asked after the leg was added: a cancel before that has not reached it.
            if (call.isCanceled()) {
                leg.cancel();
            }
        } catch (RuntimeException | Error e) {
            attempt.complete(Outcome.NOT_SENT);
            throw e;
        }
    }

    private long now() {
        return service.pool.ticker().read() - origin;
    }

    private long in(long nanos) {
        return nanos == NEVER ? NEVER : now() + nanos;
    }

    /** Waits for an ending, or until something is due; null in that case. */
    private @Nullable Leg next() throws IOException {
        long until = Math.min(hedgeAt, retryAt);
        for (Leg leg : legs) {
            until = Math.min(until, leg.timeoutAt());
        }
        try {
            Object event =
                    until == NEVER ? finished.take() : finished.poll(Math.max(0, until - now()), TimeUnit.NANOSECONDS);
            return event instanceof Leg leg ? leg : null;
        } catch (InterruptedException e) {
            throw Interruption.of(e);
        }
    }

    /** Does what is due. */
    private @Nullable Response whenDue() throws IOException {
        long now = now();
        if (hedgeAt <= now) {
            hedgeAt = NEVER;
            hedge();
        }
        for (Leg leg : legs) {
            if (leg.timeoutAt() <= now) {
                whenOverdue(leg);
            }
        }
        if (retryAt > now) {
            return null;
        }
        retryAt = NEVER;
        Attempt next = Onward.another(latest);
        if (next == null) {
            return settle();
        }
        start(next);
        discardRefused();
        return null;
    }

    private void hedge() {
        // Not while a retry is due: that is a second attempt already.
        if (legs.size() == 1 && retryAt == NEVER && latest.hasAnother() && service.mayHedge()) {
            Attempt other = Onward.another(latest);
            if (other != null) {
                start(other);
            }
        }
    }

    /** Gives up an attempt for another one, if there can be one: to give it up for nothing would help nobody. */
    private void whenOverdue(Leg leg) {
        IOException failure = new SocketTimeoutException(
                "no answer from " + leg.attempt.server().id() + " within its time");
        Duration delay = legs.size() > 1 ? null : onward.after(failure, true, Outcome.TIMEOUT, latest);
        leg.overdue();
        if (delay == null) {
            return;
        }
        legs.remove(leg);
        leg.lose();
        noteFailure(failure);
        retryAt = in(delay.toNanos());
    }

    /** Returns the answer if that is it, or throws if nothing is left to wait for. */
    private @Nullable Response whenEnded(Leg leg) throws IOException {
        Object end = leg.ending();
        if (end == null || !legs.contains(leg)) {
            return null;
        }
        if (end instanceof Response response) {
            Onward.Answer answer = leg.answer();
            boolean good = answer == null || !service.plan.mayHandle(response, answer.outcome());
            if (good) {
                return won(leg, response);
            }
            legs.remove(leg);
            discardRefused();
            refused = leg;
            // The server is not to look busy while the answer is kept, for when nothing better comes.
            leg.attempt.complete(leg.outcome());
            return goOn(answer == null ? null : onward(leg, answer));
        }
        legs.remove(leg);
        if (end instanceof IOException failure) {
            noteFailure(failure);
            return goOn(legs.isEmpty() ? onward.after(failure, leg.safe(), leg.outcome(), latest) : null);
        }
        if (end instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) end;
    }

    private @Nullable Duration onward(Leg leg, Onward.Answer answer) {
        return legs.isEmpty() ? onward.after(answer, leg.safe(), latest) : null;
    }

    /** After a failure: waits for the others that run, or for the retry, or is at its end. */
    private @Nullable Response goOn(@Nullable Duration delay) throws IOException {
        if (delay != null) {
            retryAt = in(delay.toNanos());
        }
        return delay == null && legs.isEmpty() ? settle() : null;
    }

    private void noteFailure(IOException failure) {
        IOException before = lastFailure;
        if (before != null) {
            failures.add(before);
        }
        lastFailure = failure;
    }

    private Response won(Leg winner, Response response) {
        List<Leg> losers = legs.stream().filter(leg -> leg != winner).toList();
        legs.removeAll(losers);
        losers.forEach(Leg::lose);
        discardRefused();
        return winner.outcome() == Outcome.SUCCESS ? Stickiness.bind(winner.attempt, chain, response) : response;
    }

    /** Nothing better will come: returns the answer that there is, or throws. */
    private Response settle() throws IOException {
        Leg last = refused;
        if (last != null && last.ending() instanceof Response response) {
            refused = null;
            // For a cancel while its body is read.
            legs.add(last);
            return response;
        }
        IOException failure = lastFailure == null ? Canceled.failure() : lastFailure;
        throw failures.of(latest, failure);
    }

    private void discardRefused() {
        Leg leg = refused;
        if (leg != null) {
            refused = null;
            leg.discard();
        }
    }
}
