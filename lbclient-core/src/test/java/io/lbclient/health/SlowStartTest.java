package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.HealthCause;
import io.lbclient.HealthState;
import io.lbclient.Outcome;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SlowStartTest {
    private static final int SERVERS = 10;
    private static final int PICKS_PER_SECOND = 2_000;
    private static final int ANSWER_AFTER_PICKS = 25;

    private final Lab lab = new Lab();
    private final Lab.Judge judge = new Lab.Judge();
    private final Deque<Attempt> inFlight = new ArrayDeque<>();

    /** Two distinct servers at random, and of these the one with fewer in flight. */
    private static final Balancer TWO_CHOICES = (candidates, previous) -> {
        Candidate[] all = candidates.toArray(Candidate[]::new);
        return context -> {
            int first = context.random().nextInt(all.length);
            int second = (first + 1 + context.random().nextInt(Math.max(1, all.length - 1))) % all.length;
            return all[first].inFlight() <= all[second].inFlight() ? all[first] : all[second];
        };
    };

    static Stream<Arguments> strategies() {
        return Stream.of(
                Arguments.of("round robin", Balancers.roundRobin()),
                Arguments.of("random", Balancers.random()),
                Arguments.of("least requests", Balancers.leastRequests()),
                Arguments.of("two choices", TWO_CHOICES),
                Arguments.of("adaptive", Balancers.adaptive()));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 10, 0.10", "6, 1, 10, 0.10", "12, 1, 10, 0.20", "20, 1, 10, 0.3333", "30, 1, 10, 0.50",
        "48, 1, 10, 0.80", "60, 1, 10, 1", "6, 2, 10, 0.3162", "26, 2, 10, 0.6583", "12, 1, 35, 0.35",
        "30, 1, 35, 0.50", "-5, 1, 10, 0.10", "3600, 1, 10, 1"
    })
    void theFactorIsEnvoys(long seconds, double aggression, double minPercent, double expected) {
        SlowStart settings = SlowStart.builder(Duration.ofSeconds(60))
                .aggression(aggression)
                .minWeightPercent(minPercent)
                .build();
        assertThat(settings.factor(Duration.ofSeconds(seconds).toNanos())).isCloseTo(expected, within(0.0001));
    }

    private ServerPool warmPool(Balancer balancer) {
        ServerPool pool = lab.builder(SlowStart.over(Duration.ofSeconds(10)), judge)
                .balancer(balancer)
                .servers(Lab.servers(SERVERS - 1))
                .build();
        traffic(pool, 11);
        return pool;
    }

    /** Returns the picks of each server in the last second. */
    private long[] traffic(ServerPool pool, int seconds) {
        long[] before = new long[SERVERS];
        for (int second = 0; second < seconds; second++) {
            before = picks(pool);
            for (int i = 0; i < PICKS_PER_SECOND; i++) {
                inFlight.add(pool.pick());
                if (inFlight.size() > ANSWER_AFTER_PICKS) {
                    inFlight.remove().complete(Outcome.SUCCESS);
                }
                lab.scheduler.advance(Duration.ofNanos(1_000_000_000 / PICKS_PER_SECOND));
            }
        }
        long[] after = picks(pool);
        for (int i = 0; i < SERVERS; i++) {
            after[i] -= before[i];
        }
        return after;
    }

    private static long[] picks(ServerPool pool) {
        long[] picks = new long[SERVERS];
        pool.snapshot()
                .servers()
                .forEach(s -> picks[Integer.parseInt(s.server().id().substring(1))] = s.picks());
        return picks;
    }

    private static double shareOfTheLast(long[] picks) {
        double others = Arrays.stream(picks, 0, SERVERS - 1).average().orElseThrow();
        return picks[SERVERS - 1] / others;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("strategies")
    @DisplayName("I9: a newcomer's share grows along the curve, whatever the strategy")
    void aNewcomersShareGrows(String name, Balancer balancer) {
        ServerPool pool = warmPool(balancer);
        pool.add(Lab.server(SERVERS - 1));
        lab.scheduler.runDue();
        assertThat(Lab.of(pool, SERVERS - 1).state()).isEqualTo(HealthState.WARMING);
        assertRamp(pool);
    }

    private void assertRamp(ServerPool pool) {
        double last = 0;
        for (int second = 0; second < 10; second++) {
            double share = shareOfTheLast(traffic(pool, 1));
            // The mean of the factor over the second; the first one is all at the minimum of 10 %.
            double factor = second == 0 ? 0.1 : second / 10.0 + 0.05;
            assertThat(share).as("second " + second).isCloseTo(factor, within(0.07));
            assertThat(share).isGreaterThan(last - 0.03);
            last = share;
        }
        traffic(pool, 1);
        assertThat(Lab.of(pool, SERVERS - 1).state()).isEqualTo(HealthState.HEALTHY);
        assertThat(shareOfTheLast(traffic(pool, 3))).isBetween(0.8, 1.25);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("strategies")
    @DisplayName("I9: a healed server's share grows too, and is never above 1.25 times the fair one")
    void aHealedServersShareGrows(String name, Balancer balancer) {
        ServerPool pool = warmPool(balancer);
        pool.add(Lab.server(SERVERS - 1));
        traffic(pool, 12);
        judge.raise(SERVERS - 1, HealthCause.OUTLIER);
        assertThat(shareOfTheLast(traffic(pool, 5))).isZero();
        judge.clear(SERVERS - 1, HealthCause.OUTLIER);
        lab.scheduler.runDue();
        assertThat(Lab.of(pool, SERVERS - 1).state()).isEqualTo(HealthState.WARMING);
        assertRamp(pool);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("strategies")
    void aNewcomersFirstPicksAreCapped(String name, Balancer balancer) {
        ServerPool pool = warmPool(balancer);
        pool.add(Lab.server(SERVERS - 1));
        lab.scheduler.runDue();
        // All at one moment, and nothing is answered.
        for (int i = 0; i < 200; i++) {
            inFlight.add(pool.pick());
        }
        assertThat(Lab.of(pool, SERVERS - 1).picks()).isLessThanOrEqualTo(2);
        inFlight.forEach(attempt -> attempt.complete(Outcome.SUCCESS));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("strategies")
    void serversThatAreAllNewDoNotHoldEachOtherBack(String name, Balancer balancer) {
        ServerPool pool = lab.builder(SlowStart.over(Duration.ofSeconds(10)))
                .balancer(balancer)
                .servers(Lab.servers(SERVERS))
                .build();
        long[] picks = traffic(pool, 2);
        assertThat(picks).hasSize(SERVERS);
        for (long count : picks) {
            assertThat((double) count).isBetween(PICKS_PER_SECOND / 10 * 0.75, PICKS_PER_SECOND / 10 * 1.25);
        }
        traffic(pool, 10);
        assertThat(pool.snapshot().servers())
                .allSatisfy(s -> assertThat(s.state()).isEqualTo(HealthState.HEALTHY));
    }

    @Test
    void amongServersThatAreAllNewTheStrategyIsFree() {
        ServerPool pool = lab.pool(3, SlowStart.over(Duration.ofSeconds(10)));
        lab.scheduler.runDue();
        for (int i = 0; i < 5_000; i++) {
            lab.pick(pool, 1).complete(Outcome.SUCCESS);
            lab.scheduler.advance(Duration.ofMillis(1));
        }
        assertThat(Lab.of(pool, 1).picks()).isEqualTo(5_000);
    }

    @Test
    void whatANewcomerDidNotGetIsNotOwedToIt() {
        ServerPool pool = lab.pool(1, SlowStart.over(Duration.ofSeconds(10)));
        lab.advanceSeconds(11);
        pool.add(Lab.server(1));
        for (int i = 0; i < 5_000; i++) {
            lab.pick(pool, 0).complete(Outcome.SUCCESS);
            lab.scheduler.advance(Duration.ofMillis(1));
        }
        assertThat(Lab.of(pool, 1).picks()).isZero();
        // Half-way, and now the strategy wants it and nobody else: half of what the other had in two sweeps, and one.
        for (int i = 0; i < 1_000; i++) {
            lab.pick(pool, 1).complete(Outcome.SUCCESS);
        }
        assertThat(Lab.of(pool, 1).picks()).isBetween(50L, 105L);
    }

    /** Such as those of another zone. */
    @Test
    void whoIsNeverPickedIsNoMeasureForANewcomer() {
        ServerPool pool = lab.pool(3, SlowStart.over(Duration.ofSeconds(10)));
        lab.advanceSeconds(11);
        pool.add(Lab.server(3));
        for (int i = 0; i < 5_000; i++) {
            lab.pick(pool, 0).complete(Outcome.SUCCESS);
            lab.scheduler.advance(Duration.ofMillis(1));
        }
        for (int i = 0; i < 1_000; i++) {
            lab.pick(pool, 3).complete(Outcome.SUCCESS);
        }
        assertThat(Lab.of(pool, 3).picks()).isBetween(50L, 105L);
    }

    @Test
    void aNewcomersBoundGoesByItsWeight() {
        ServerPool pool = lab.pool(1, SlowStart.over(Duration.ofSeconds(10)));
        lab.advanceSeconds(11);
        pool.add(Lab.server(1).withWeight(3));
        for (int i = 0; i < 5_000; i++) {
            lab.pick(pool, 0).complete(Outcome.SUCCESS);
            lab.scheduler.advance(Duration.ofMillis(1));
        }
        for (int i = 0; i < 1_000; i++) {
            lab.pick(pool, 1).complete(Outcome.SUCCESS);
        }
        assertThat(Lab.of(pool, 1).picks()).as("three times half of two sweeps").isBetween(200L, 305L);
    }

    @Test
    void aShutDownSchedulerHoldsNoNewcomerBack() {
        ServerPool pool = lab.pool(1, SlowStart.over(Duration.ofSeconds(10)));
        lab.advanceSeconds(11);
        lab.scheduler.shutdown();
        for (int newcomer = 1; newcomer < 3; newcomer++) {
            pool.add(Lab.server(newcomer));
            for (int i = 0; i < 100; i++) {
                lab.pick(pool, newcomer).complete(Outcome.SUCCESS);
            }
            assertThat(Lab.of(pool, newcomer).picks()).isEqualTo(100);
            assertThat(Lab.has(pool, newcomer, HealthCause.WARMING)).isFalse();
        }
    }

    @Test
    void theOnlyServerIsPickedAtOnce() {
        ServerPool pool = lab.pool(1, SlowStart.over(Duration.ofSeconds(10)));
        lab.send(pool, 0, Outcome.SUCCESS, 100);
        assertThat(Lab.of(pool, 0).picks()).isEqualTo(100);
    }

    @Test
    void anIdlePoolEndsItsSlowStartsAndThenDoesNothing() {
        ServerPool pool = lab.pool(3, SlowStart.over(Duration.ofSeconds(10)));
        lab.advanceSeconds(5);
        assertThat(Lab.has(pool, 0, HealthCause.WARMING)).isTrue();
        lab.advanceSeconds(6);
        assertThat(Lab.has(pool, 0, HealthCause.WARMING)).isFalse();
        assertThat(lab.scheduler.waiting()).isZero();
        assertThat(lab.lastDetail()).isEqualTo("its slow start of PT10S is over");
    }

    @Test
    void aClockThatIsSetBackDoesNotProlongASlowStart() {
        Lab other = new Lab();
        ServerPool pool = ServerPool.builder("orders")
                .ticker(lab.ticker)
                .scheduler(other.scheduler)
                .healthMonitors(SlowStart.over(Duration.ofSeconds(10)))
                .servers(Lab.servers(2))
                .build();
        other.advanceSeconds(1);
        lab.ticker.advance(Duration.ofHours(-1));
        for (int i = 0; i < 105; i++) {
            other.scheduler.advance(Duration.ofMillis(100));
            lab.ticker.advance(Duration.ofMillis(-100));
        }
        assertThat(Lab.has(pool, 0, HealthCause.WARMING)).isFalse();
    }

    @Test
    @DisplayName("bug 17: a server in its slow start is never without any share")
    void bug17TheShareIsNeverZero() {
        ServerPool pool = lab.builder(SlowStart.builder(Duration.ofHours(1))
                        .minWeightPercent(1)
                        .build())
                .balancer(Balancers.roundRobin())
                .servers(Lab.servers(1))
                .build();
        lab.scheduler.advance(Duration.ofHours(2));
        pool.add(Lab.server(1));
        for (int i = 0; i < 10_000; i++) {
            pool.pick().complete(Outcome.SUCCESS);
            lab.scheduler.advance(Duration.ofMillis(10));
        }
        assertThat(Lab.of(pool, 1).picks()).isBetween(50L, 300L);
    }

    @Test
    void nonsenseIsRejectedWhereItIsGiven() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SlowStart.over(Duration.ZERO))
                .withMessageStartingWith("window: PT0S (expected: > 0");
        SlowStart.Builder builder = SlowStart.builder(Duration.ofSeconds(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.aggression(0))
                .withMessageStartingWith("aggression: 0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.aggression(Double.NaN))
                .withMessageStartingWith("aggression: NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.minWeightPercent(0))
                .withMessage("minWeightPercent: 0.0 (expected: > 0 and <= 100)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.minWeightPercent(100.1))
                .withMessageStartingWith("minWeightPercent");
    }
}
