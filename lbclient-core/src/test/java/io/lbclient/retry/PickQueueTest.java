package io.lbclient.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import io.lbclient.RequestView;
import io.lbclient.ServerPool;
import io.lbclient.Threads;
import io.lbclient.balancer.Balancers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PickQueueTest {
    private final Limits lab = new Limits();
    private final ServerPool pool = lab.pool(1, ConcurrencyLimits.fixed(1));
    private final PickQueue queue = new PickQueue(pool, 10);

    private static CompletableFuture<Attempt> pick(PickQueue queue) {
        return queue.pick(RequestView.EMPTY);
    }

    @Test
    void whileThereIsRoomNobodyWaits() throws Exception {
        ServerPool two = lab.pool(2, ConcurrencyLimits.fixed(1));
        PickQueue line = new PickQueue(two, 10);

        assertThat(pick(line).get().server().id()).isEqualTo("s0");
        assertThat(pick(line).get().server().id()).isEqualTo("s1");
        assertThat(line.size()).isZero();
    }

    @Test
    void whoHasWaitedLongestGetsThePlaceThatIsFree() throws Exception {
        Attempt present = pick(queue).get();
        CompletableFuture<Attempt> first = pick(queue);
        CompletableFuture<Attempt> second = pick(queue);
        assertThat(queue.size()).isEqualTo(2);
        assertThat(first).isNotDone();

        present.complete(Outcome.SUCCESS);
        assertThat(first).isDone();
        CompletableFuture<Attempt> newcomer = pick(queue);
        first.get().complete(Outcome.SUCCESS);
        assertThat(second).isDone();
        assertThat(newcomer).isNotDone();
        second.get().close();
        newcomer.get().close();
        assertThat(queue.size()).isZero();
        assertThat(Limits.inFlight(pool)).isZero();
    }

    @Test
    void theQueueIsBoundedAndTheErrorSaysSo() throws Exception {
        PickQueue line = new PickQueue(pool, 2);
        Attempt present = pick(line).get();
        pick(line);
        pick(line);

        assertThatThrownBy(pick(line)::join)
                .hasRootCauseInstanceOf(QueueFullException.class)
                .hasRootCauseMessage("orders: no server has room, and 2 requests wait already");
        assertThatThrownBy(new PickQueue(pool, 0).pick(RequestView.EMPTY)::join)
                .hasRootCauseInstanceOf(NoServerAvailableException.class);
        present.close();
    }

    @Test
    @DisplayName("bug 25: who gives up while queued leaves the queue, and no permit is lost")
    void whoGivesUpLeavesAndNoPermitIsLost() throws Exception {
        Attempt present = pick(queue).get();
        CompletableFuture<Attempt> impatient = pick(queue);
        CompletableFuture<Attempt> patient = pick(queue);
        impatient.cancel(false);
        assertThat(queue.size()).isEqualTo(1);

        present.complete(Outcome.SUCCESS);
        assertThat(patient).isDone();
        patient.get().complete(Outcome.SUCCESS);
        assertThat(Limits.inFlight(pool)).isZero();
        assertThat(Limits.room(pool)).isEqualTo(1);
    }

    @Test
    @DisplayName("bug 33: when the last server goes, those who wait are told, and when one comes, they are served")
    void membershipDrainsTheQueue() throws Exception {
        Attempt present = pick(queue).get();
        CompletableFuture<Attempt> first = pick(queue);
        CompletableFuture<Attempt> second = pick(queue);
        CompletableFuture<Attempt> third = pick(queue);
        pool.add(Limits.server(1));
        assertThat(first.get().server().id()).isEqualTo("s1");
        assertThat(second).isNotDone();

        pool.update(List.of());
        assertThatThrownBy(second::join).hasRootCauseInstanceOf(NoServerAvailableException.class);
        assertThatThrownBy(third::join).hasRootCauseMessage("orders: no server available (0 servers)");
        assertThat(queue.size()).isZero();
        assertThat(present.complete(Outcome.SUCCESS)).isTrue();
    }

    @Test
    void aLimitThatIsRaisedServesTheQueue() throws Exception {
        ServerPool growing =
                lab.pool(1, ConcurrencyLimits.aimd().initial(2).between(1, 10).build());
        PickQueue line = new PickQueue(growing, 10);
        Attempt one = pick(line).get();
        Attempt two = pick(line).get();
        List<CompletableFuture<Attempt>> waiting = List.of(pick(line), pick(line), pick(line));
        one.complete(Outcome.SUCCESS);

        assertThat(waiting.stream().filter(CompletableFuture::isDone))
                .as("the place that is free, and the one more")
                .hasSize(2);
        two.close();
    }

    @Test
    void closingTheQueueOrThePoolFailsThoseWhoWait() throws Exception {
        PickQueue closed = new PickQueue(pool, 10);
        PickQueue open = new PickQueue(pool, 10);
        Attempt present = pick(closed).get();
        CompletableFuture<Attempt> first = pick(closed);
        CompletableFuture<Attempt> second = pick(open);
        closed.close();
        assertThatThrownBy(first::join).hasRootCauseMessage("orders: the queue is closed");
        assertThat(closed.size()).isZero();
        assertThat(pick(closed)).isCompletedExceptionally();
        pool.close();
        assertThatThrownBy(second::join).hasRootCauseMessage("orders: no server available (closed)");
        present.close();
    }

    /** A pool of one place, in which something happens while the next pick is under way. */
    private ServerPool during(AtomicReference<Runnable> pick) {
        return lab.builder(ConcurrencyLimits.fixed(1))
                .balancer((candidates, previous) -> context -> {
                    pick.getAndSet(() -> {}).run();
                    return candidates.get(0);
                })
                .servers(Limits.servers(1))
                .build();
    }

    @Test
    void aNewcomerDoesNotOvertakeThoseWhoWait() throws Exception {
        AtomicReference<Runnable> event = new AtomicReference<>(() -> {});
        PickQueue line = new PickQueue(during(event), 10);
        Attempt present = pick(line).get();
        CompletableFuture<Attempt> first = pick(line);
        List<CompletableFuture<Attempt>> newcomers = new ArrayList<>();
        event.set(() -> newcomers.add(pick(line)));

        present.complete(Outcome.SUCCESS);

        assertThat(first).isCompleted();
        assertThat(newcomers).hasSize(1).noneMatch(CompletableFuture::isDone);
    }

    @Test
    void whoGivesUpWhileAPlaceIsHandedOverLeavesNothingInFlight() throws Exception {
        AtomicReference<Runnable> event = new AtomicReference<>(() -> {});
        ServerPool single = during(event);
        PickQueue line = new PickQueue(single, 10);
        Attempt present = pick(line).get();
        CompletableFuture<Attempt> first = pick(line);
        event.set(() -> first.cancel(false));

        present.complete(Outcome.SUCCESS);

        assertThat(first).isCancelled();
        assertThat(Limits.inFlight(single)).isZero();
        assertThat(line.size()).isZero();
    }

    @Test
    void aStrategyThatThrowsFailsOneRequestAndTheQueueGoesOn() throws Exception {
        AtomicInteger picks = new AtomicInteger();
        ServerPool odd = lab.builder(ConcurrencyLimits.fixed(1))
                .balancer((candidates, previous) -> context -> {
                    if (picks.incrementAndGet() == 8) {
                        throw new IllegalStateException("the eighth");
                    }
                    return candidates.get(0);
                })
                .servers(Limits.servers(1))
                .build();
        PickQueue line = new PickQueue(odd, 10);
        Attempt present = pick(line).get();
        List<CompletableFuture<Attempt>> waiting = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            waiting.add(pick(line));
        }
        for (CompletableFuture<Attempt> one : waiting) {
            if (one.isDone() && !one.isCompletedExceptionally()) {
                one.get().close();
            }
        }
        present.close();
        waiting.forEach(one -> one.thenAccept(Attempt::close));
        assertThat(waiting).allMatch(CompletableFuture::isDone);
        assertThat(waiting.stream().filter(CompletableFuture::isCompletedExceptionally))
                .hasSizeLessThanOrEqualTo(1);
        assertThat(Limits.inFlight(odd)).isZero();
    }

    @Test
    @Timeout(60)
    @DisplayName("bugs 25 and 39: threads that pick, wait, give up and end in any order lose no permit and no waiter")
    void nothingIsLostUnderStress() throws Exception {
        ServerPool wide = lab.builder(ConcurrencyLimits.fixed(2))
                .balancer(Balancers.random())
                .servers(Limits.servers(2))
                .build();
        PickQueue line = new PickQueue(wide, 1000);
        LongAdder served = new LongAdder();
        LongAdder gaveUp = new LongAdder();
        int rounds = 20_000;
        Threads.run(8, seed -> () -> {
            for (int i = 0; i < rounds; i++) {
                CompletableFuture<Attempt> turn = pick(line);
                if ((i + seed) % 5 == 0 && turn.cancel(false)) {
                    gaveUp.increment();
                    continue;
                }
                // Without an end: a waiter that nobody serves would wait for ever, and the test time out.
                turn.get(50, TimeUnit.SECONDS).close();
                served.increment();
            }
        });
        assertThat(served.sum() + gaveUp.sum()).isEqualTo(8L * rounds);
        assertThat(line.size()).isZero();
        assertThat(Limits.inFlight(wide)).isZero();
        assertThat(Limits.room(wide)).isEqualTo(4);
    }
}
