package io.lbclient.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.HealthMonitor;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import io.lbclient.RequestView;
import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import io.lbclient.Threads;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A million requests that end in every way there is, many at once, while servers come and go. */
@Timeout(240)
class MixedEndingsTest {
    private static final int REQUESTS = 1_000_000;
    private static final int THREADS = 4;

    private final LongAdder attempts = new LongAdder();
    private final LongAdder endings = new LongAdder();
    private final LongAdder refused = new LongAdder();
    /** Hedges that one thread begins and another one ends. */
    private final AtomicReference<Attempt> handedOver = new AtomicReference<>();

    @ParameterizedTest(name = "I26, bugs 24, 25, 27: 1 000 000 mixed endings balance exactly [limit {0}]")
    @ValueSource(ints = {Integer.MAX_VALUE, 2})
    void theLedgerBalances(int limit) throws Exception {
        ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
        ServerPool pool = ServerPool.builder("orders")
                .servers(Limits.servers(5))
                .healthMonitors(HealthMonitor.consecutiveFailures(5), ConcurrencyLimits.fixed(limit))
                .scheduler(scheduler)
                .build();
        PickQueue queue = new PickQueue(pool, 1000);
        Threads.run(THREADS, seed -> {
            SplittableRandom random = new SplittableRandom(seed);
            return () -> {
                for (int i = 0; i < REQUESTS / THREADS; i++) {
                    request(pool, queue, random);
                }
            };
        });
        // A rebuild may still be serving the queue.
        scheduler.submit(() -> {}).get(60, TimeUnit.SECONDS);
        Attempt last = handedOver.getAndSet(null);
        if (last != null) {
            end(last, Outcome.CANCELLED);
        }
        assertThat(attempts.sum()).isGreaterThan(REQUESTS / 2);
        assertThat(endings.sum()).as("each attempt ended once").isEqualTo(attempts.sum());
        assertThat(queue.size()).isZero();
        assertThat(pool.snapshot().servers())
                .extracting(ServerSnapshot::inFlight)
                .containsOnly(0);
        if (limit < Integer.MAX_VALUE) {
            assertThat(Limits.room(pool)).isGreaterThanOrEqualTo(limit);
        } else {
            assertThat(refused.sum()).isZero();
        }
        pool.close();
        scheduler.shutdown();
    }

    private void request(ServerPool pool, PickQueue queue, SplittableRandom random) throws Exception {
        pool.retryBudget().request();
        CompletableFuture<Attempt> turn = queue.pick(RequestView.EMPTY);
        if (random.nextInt(20) == 0 && turn.cancel(false)) {
            return;
        }
        Attempt attempt;
        try {
            attempt = turn.get(60, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            refused.increment();
            return;
        }
        attempts.increment();
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                attempt.answered();
                end(attempt, Outcome.SUCCESS);
            }
            case 2 -> end(attempt, Outcome.FAILURE);
            case 3 -> end(attempt, Outcome.TIMEOUT);
            case 4 -> end(attempt, random.nextBoolean() ? Outcome.CONNECT_FAILURE : Outcome.OVERLOADED);
            case 5 -> {
                if (attempt.complete(Outcome.NOT_SENT)) {
                    endings.increment();
                }
            }
            case 6 -> hedge(attempt, true);
            default -> hedge(attempt, false);
        }
        if (random.nextInt(1000) == 0) {
            flap(pool, random);
        }
    }

    /** The hedge wins or loses; and now and then another thread ends what this one began. */
    private void hedge(Attempt first, boolean won) {
        Attempt second;
        try {
            second = first.another();
        } catch (NoServerAvailableException e) {
            end(first, Outcome.CANCELLED);
            return;
        }
        attempts.increment();
        Attempt winner = won ? second : first;
        Attempt loser = won ? first : second;
        winner.answered();
        Attempt earlier = handedOver.getAndSet(loser);
        if (earlier != null) {
            end(earlier, Outcome.CANCELLED);
        }
        end(winner, Outcome.SUCCESS);
        // With a limit, a loser that stays for long would leave no room for those who wait for it.
        if (handedOver.compareAndSet(loser, null)) {
            end(loser, Outcome.CANCELLED);
        }
    }

    private void end(Attempt attempt, Outcome outcome) {
        if (attempt.complete(outcome)) {
            endings.increment();
        }
        // A second ending, such as that of a finally, counts for nothing.
        attempt.close();
    }

    /** Bug 24: an attempt at a server that left and came back is counted off the server that it was counted on. */
    private static void flap(ServerPool pool, SplittableRandom random) {
        int number = 1 + random.nextInt(4);
        pool.remove("s" + number);
        pool.add(Limits.server(number));
    }

    @Test
    @DisplayName("bug 24: what was in flight when its server flapped is neither lost nor counted off the new one")
    void flappingServer() {
        ServerPool pool = new Limits().pool(1);
        Attempt before = pool.pick();
        pool.remove("s0");
        pool.add(Limits.server(0));
        assertThat(Limits.inFlight(pool)).isZero();
        Attempt after = pool.pick();
        before.complete(Outcome.SUCCESS);
        assertThat(Limits.inFlight(pool)).isEqualTo(1);
        after.complete(Outcome.SUCCESS);
        assertThat(Limits.inFlight(pool)).isZero();
    }

    @Test
    @DisplayName("bug 27: a stream is in flight until its body ends, once")
    void streaming() {
        ServerPool pool = new Limits().pool(1);
        Attempt attempt = pool.pick();
        attempt.answered();
        assertThat(Limits.inFlight(pool)).isEqualTo(1);
        attempt.complete(Outcome.SUCCESS);
        attempt.complete(Outcome.FAILURE);
        attempt.close();
        assertThat(Limits.inFlight(pool)).isZero();
    }
}
