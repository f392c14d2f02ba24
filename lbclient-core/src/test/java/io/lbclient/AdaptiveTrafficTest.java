package io.lbclient;

import static io.lbclient.PoolFixture.of;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/** The default strategy against four simulated servers that answer 400 requests a second, each in about 5 ms. */
class AdaptiveTrafficTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1000 * MS;
    private static final long PERIOD = SECOND / 400;

    private record Pending(long due, Attempt attempt) {}

    private final PoolFixture fixture = new PoolFixture();
    private final SplittableRandom random = new SplittableRandom(11);
    private final PriorityQueue<Pending> pending = new PriorityQueue<>(Comparator.comparingLong(Pending::due));
    private final ServerPool pool = fixture.builder()
            .balancer(Balancer.adaptive())
            .servers(servers("a", "b", "c", "d"))
            .build();

    /** Since the test began; the ticker itself wraps around. */
    private long now;

    /** Runs open-loop traffic for a while. */
    private void run(long nanos, ToLongFunction<String> answerNanos) {
        long end = now + nanos;
        for (long next = now; next < end; next += PERIOD) {
            completeUntil(next);
            moveTo(next);
            Attempt attempt = pool.pick();
            pending.add(new Pending(next + answerNanos.applyAsLong(PoolFixture.id(attempt)), attempt));
        }
    }

    private void completeUntil(long time) {
        while (!pending.isEmpty() && pending.peek().due() <= time) {
            Pending done = pending.remove();
            moveTo(done.due());
            done.attempt().complete(Outcome.SUCCESS);
        }
    }

    private void moveTo(long time) {
        fixture.ticker.advanceNanos(time - now);
        now = time;
    }

    private long usual() {
        return random.nextLong(4 * MS, 6 * MS);
    }

    private double shareOf(String id, Runnable traffic) {
        long before = of(pool, id).picks();
        long allBefore = allPicks();
        traffic.run();
        return (double) (of(pool, id).picks() - before) / (allPicks() - allBefore);
    }

    private long allPicks() {
        return pool.snapshot().servers().stream()
                .mapToLong(ServerSnapshot::picks)
                .sum();
    }

    @Test
    void equalServersGetEqualShares() {
        for (String id : new String[] {"a", "b", "c", "d"}) {
            assertThat(shareOf(id, () -> run(5 * SECOND, any -> usual()))).isBetween(0.23, 0.27);
        }
    }

    @Test
    void oneSlowAnswerDoesNotCostAServerItsShare() {
        run(2 * SECOND, id -> usual());
        boolean[] slowOnce = {true};
        run(SECOND / 2, id -> {
            boolean slow = id.equals("b") && slowOnce[0];
            slowOnce[0] &= !slow;
            return slow ? 100 * MS : usual();
        });

        assertThat(slowOnce[0]).isFalse();
        assertThat(shareOf("b", () -> run(5 * SECOND, id -> usual()))).isBetween(0.2, 0.3);
    }

    @Test
    void aServerThatIsTenTimesSlowerIsShunned() {
        run(2 * SECOND, id -> usual());
        double first = shareOf("b", () -> run(SECOND, id -> id.equals("b") ? 10 * usual() : usual()));
        double later = shareOf("b", () -> run(4 * SECOND, id -> id.equals("b") ? 10 * usual() : usual()));

        assertThat(first).isLessThan(0.08);
        assertThat(later).isLessThan(0.03);
    }

    @Test
    void aServerThatIsFastAgainGetsItsShareBack() {
        run(2 * SECOND, id -> usual());
        run(4 * SECOND, id -> id.equals("b") ? 10 * usual() : usual());
        run(10 * SECOND, id -> usual());

        assertThat(shareOf("b", () -> run(5 * SECOND, id -> usual()))).isBetween(0.2, 0.3);
    }

    @Test
    void aServerThatComesBackStartsLikeTheOthersHoweverSlowItsTrialWas() {
        run(2 * SECOND, id -> usual());
        Attempt fails = pool.pick();
        String lost = PoolFixture.id(fails);
        fails.complete(Outcome.CONNECT_FAILURE);
        fixture.settle();
        assertThat(of(pool, lost).state()).isEqualTo(HealthState.EJECTED);
        boolean[] trial = {true};
        while (!of(pool, lost).state().eligible()) {
            run(SECOND / 10, id -> {
                boolean cold = id.equals(lost) && trial[0];
                trial[0] &= !cold;
                return cold ? 150 * MS : usual();
            });
            fixture.settle();
        }

        assertThat(trial[0]).isFalse();
        assertThat(shareOf(lost, () -> run(2 * SECOND, id -> usual()))).isBetween(0.2, 0.3);
    }
}
