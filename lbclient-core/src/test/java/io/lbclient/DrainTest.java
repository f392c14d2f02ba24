package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DrainTest {
    private final PoolFixture fixture = new PoolFixture();
    private final ServerPool pool = fixture.pool("a", "b");

    @Test
    void aDrainingServerFinishesWhatItHasAndGetsNothingNew() {
        Attempt first = pool.pick();
        Attempt second = pool.pick();
        CompletableFuture<Void> drained = pool.drain("a");

        assertThat(IntStream.range(0, 50).mapToObj(i -> id(pool.pick()))).containsOnly("b");
        assertThat(drained).isNotDone();
        first.complete(Outcome.SUCCESS);
        assertThat(drained).isNotDone();
        second.answered();
        assertThat(drained).isNotDone();
        second.close();
        assertThat(drained).isCompleted();
        assertThat(of(pool, "a").state()).isEqualTo(HealthState.DRAINING);
        assertThat(of(pool, "a").causes()).isEqualTo(Set.of(HealthCause.DRAINING));
        assertThat(of(pool, "a").detail()).isEqualTo("drained by a call");
    }

    @Test
    void aServerWithNothingInFlightIsDrainedAtOnce() {
        assertThat(pool.drain("a")).isCompleted();
    }

    @Test
    void aDrainingServerIsNotPickedEvenIfNoOtherIsLeft() {
        pool.drain("a");
        pool.drain("b");

        assertThatExceptionOfType(NoServerAvailableException.class).isThrownBy(pool::pick);
        assertThat(fixture.news).contains("none of 2");
    }

    @Test
    void resumingCancelsTheDrainAndBringsTheServerBack() {
        Attempt attempt = pool.pick();
        CompletableFuture<Void> drained = pool.drain("a");
        pool.resume("a");

        assertThat(drained).isCancelled();
        assertThat(id(pool.pick())).isEqualTo("a");
        assertThat(of(pool, "a").state()).isEqualTo(HealthState.HEALTHY);
        assertThat(of(pool, "a").detail()).isEmpty();
        attempt.close();
        assertThat(fixture.news).containsSubsequence("raised DRAINING on a", "cleared DRAINING on a");
    }

    @Test
    void aSecondDrainOfWhatIsInFlightWaitsForTheSame() {
        Attempt attempt = pool.pick();
        CompletableFuture<Void> one = pool.drain("a");
        CompletableFuture<Void> two = pool.drain("a");
        attempt.close();

        assertThat(one).isCompleted();
        assertThat(two).isCompleted();
    }

    @Test
    void aDrainAfterADrainThatWasCompleteWaitsForWhatCameInBetween() {
        pool.drain("a");
        pool.resume("a");
        Attempt attempt = pool.pick();
        CompletableFuture<Void> drained = pool.drain("a");

        assertThat(drained).isNotDone();
        attempt.close();
        assertThat(drained).isCompleted();
    }

    @Test
    void whoeverCancelsTheFutureSpoilsItForNobodyElse() {
        Attempt attempt = pool.pick();
        pool.drain("a").cancel(true);
        CompletableFuture<Void> drained = pool.drain("a");

        assertThat(drained).isNotDone();
        attempt.close();
        assertThat(drained).isCompleted();
    }

    @Test
    void aServerThatIsRemovedWhileItDrainsIsDrainedWhenItHasFinished() {
        Attempt attempt = pool.pick();
        CompletableFuture<Void> drained = pool.drain("a");
        pool.remove("a");
        assertThat(drained).isNotDone();
        attempt.close();

        assertThat(drained).isCompleted();
    }

    @Test
    void aServerCanBeDrainedAfterThePoolWasClosed() {
        Attempt attempt = pool.pick();
        pool.close();
        CompletableFuture<Void> drained = pool.drain("a");
        attempt.close();

        assertThat(drained).isCompleted();
    }

    @Test
    void drainingNeedsNoBackgroundWork() {
        pool.drain("a");

        assertThat(fixture.scheduler.waiting()).isZero();
    }

    @Test
    void whatHangsOnTheFutureRunsWithoutALock() {
        Attempt attempt = pool.pick();
        List<String> picked = new ArrayList<>();
        // Another thread would wait for ever for the lock if it were held while this runs.
        pool.drain("a")
                .thenRun(() -> Threads.run(1, i -> () -> {
                    pool.update(PoolFixture.servers("c"));
                    picked.add(id(pool.pick()));
                }));
        attempt.close();
        assertThat(picked).containsExactly("c");

        pool.drain("c").cancel(false);
        pool.add(PoolFixture.server("d"));
        pool.drain("d").thenRun(() -> Threads.run(1, i -> () -> picked.add(String.valueOf(pool.remove("d")))));
        assertThat(picked).containsExactly("c", "true");
    }

    @Test
    void anUnknownIdIsRejectedWithoutRepeatingWhatCannotBePrinted() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool.drain("x\n"))
                .withMessage("id: \"x\\u000a\" (expected: a server of orders)");
        assertThatIllegalArgumentException().isThrownBy(() -> pool.resume("x"));
    }

    @Test
    void everyDrainOfManyAtOnceIsCompleted() throws Exception {
        for (int round = 0; round < 300; round++) {
            Attempt attempt = pool.pick();
            List<CompletableFuture<Void>> drains = Threads.together(3, i -> () -> {
                if (i == 0) {
                    attempt.close();
                }
                return pool.drain("a");
            });
            for (CompletableFuture<Void> drained : drains) {
                drained.get(60, TimeUnit.SECONDS);
            }
            pool.resume("a");
        }
        assertThat(of(pool, "a").inFlight()).isZero();
    }
}
