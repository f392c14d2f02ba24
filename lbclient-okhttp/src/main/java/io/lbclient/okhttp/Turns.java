package io.lbclient.okhttp;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.retry.QueueFullException;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import okhttp3.Call;
import okhttp3.Interceptor;

/** Has a call's first attempt picked: at once, or when its turn in the queue of a full pool comes. */
final class Turns {
    private Turns() {}

    static Attempt first(Service service, Interceptor.Chain chain) throws IOException {
        Call call = chain.call();
        OkHttpRequestView view = new OkHttpRequestView(chain.request(), chain.getCookieJar());
        if (service.destination.view() != null) {
            // The queue is one for the pool: who waits for a part of its servers would hold up the others.
            try {
                return service.destination.pick(view);
            } catch (NoServerAvailableException e) {
                throw new NoServerException(e);
            }
        }
        CompletableFuture<Attempt> turn = service.queue.pick(view);
        if (!turn.isDone()) {
            Canceled.tells(call, () -> turn.cancel(false));
        }
        Attempt attempt = await(turn, service);
        if (call.isCanceled()) {
            attempt.close();
            throw Canceled.failure();
        }
        return attempt;
    }

    private static Attempt await(CompletableFuture<Attempt> turn, Service service) throws IOException {
        try {
            return turn.get(service.plan.queueWait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            if (turn.cancel(false)) {
                throw new NoServerException(
                        service.pool.name() + ": no server has had room for " + service.plan.queueWait, e);
            }
            // Decided in this moment.
            return await(turn, service);
        } catch (InterruptedException e) {
            if (!turn.cancel(false) && !turn.isCompletedExceptionally()) {
                turn.join().close();
            }
            throw Interruption.of(e);
        } catch (CancellationException e) {
            throw Canceled.failure();
        } catch (ExecutionException e) {
            throw told(e.getCause() == null ? e : e.getCause());
        }
    }

    private static IOException told(Throwable failure) {
        if (failure instanceof NoServerAvailableException || failure instanceof QueueFullException) {
            return new NoServerException(failure);
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        return new IOException(failure);
    }
}
