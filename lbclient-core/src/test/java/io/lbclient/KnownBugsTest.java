package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.of;
import static io.lbclient.PoolFixture.pickOnce;
import static io.lbclient.PoolFixture.server;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.balancer.Balancers;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bugs that other load balancers shipped, each with the number it has in the list that this library was checked by. */
class KnownBugsTest {
    private final PoolFixture fixture = new PoolFixture();

    static Stream<Balancer> strategies() {
        return Stream.of(Balancers.adaptive(), Balancers.roundRobin(), Balancers.random(), Balancers.leastRequests());
    }

    @Test
    @DisplayName("9: a trial that succeeds in the middle of an ejection leaves no server out for ever")
    void aSuccessInTheMiddleOfAnEjectionLeavesNothingStuck() {
        Attempt[] trial = new Attempt[1];
        // Between the decision to eject and the raising of the cause is where another thread would be.
        ServerPool pool = fixture.builder()
                .healthMonitors(watched -> new ConsecutiveFailures(5).start(before(watched, "raise", () -> {
                    if (trial[0] != null) {
                        trial[0].complete(Outcome.SUCCESS);
                    }
                })))
                .servers(servers("a", "b"))
                .build();
        pickOnce(pool, Outcome.CONNECT_FAILURE);
        fixture.settle();
        fixture.advance(Duration.ofMillis(1200));
        Attempt slow = pool.pick();
        fixture.advance(Duration.ofMillis(2400));
        pickOnce(pool, Outcome.SUCCESS);
        fixture.settle();
        assertThat(pool.snapshot().eligible()).isEqualTo(2);

        trial[0] = slow;
        assertThat(pickOnce(pool, Outcome.CONNECT_FAILURE)).isEqualTo("a");
        fixture.settle();
        bringBack(pool);
        assertThat(pool.snapshot().eligible()).isEqualTo(2);
        assertThat(pickOnce(pool, Outcome.CONNECT_FAILURE)).isEqualTo("a");
        fixture.settle();
        assertThat(of(pool, "a").state()).isEqualTo(HealthState.EJECTED);
    }

    private static MonitoredPool before(MonitoredPool pool, String method, Runnable action) {
        return (MonitoredPool) Proxy.newProxyInstance(
                MonitoredPool.class.getClassLoader(), new Class<?>[] {MonitoredPool.class}, (proxy, called, given) -> {
                    if (called.getName().equals(method)) {
                        action.run();
                    }
                    return called.invoke(pool, given);
                });
    }

    private void bringBack(ServerPool pool) {
        for (int i = 0; i < 20 && pool.snapshot().eligible() < 2; i++) {
            fixture.advance(Duration.ofSeconds(5));
            pickOnce(pool, Outcome.SUCCESS);
            fixture.settle();
        }
    }

    @Test
    @DisplayName("12: what ends after a server left and came back is not taken for news of the one that came")
    void lateNewsOfAServerThatLeftDoesNotReachItsSuccessor() {
        ServerPool pool = fixture.pool("a", "b");
        List<Attempt> old = IntStream.range(0, 20).mapToObj(i -> pool.pick()).toList();
        pool.remove("a");
        pool.update(servers("a", "b"));
        old.forEach(attempt -> attempt.complete(Outcome.CONNECT_FAILURE));
        fixture.settle();

        assertThat(of(pool, "a").state()).isEqualTo(HealthState.HEALTHY);
        assertThat(of(pool, "a").failures()).isZero();
        assertThat(fixture.scheduler.waiting()).isZero();
    }

    @ParameterizedTest
    @MethodSource("strategies")
    @DisplayName("16: no weights make a pick go on for ever")
    void everyPickIsBounded(Balancer strategy) {
        double[] odd = {0, -0.0, Double.MIN_VALUE, 1e-310, 1e-300, 1, 1e300, Double.MAX_VALUE};
        for (double one : odd) {
            for (double two : odd) {
                Server[] weighted = {
                    server("a").withWeight(one),
                    server("b").withWeight(two),
                    server("c").withWeight(two),
                    server("d").withWeight(one)
                };
                ServerPool pool =
                        fixture.builder().balancer(strategy).servers(weighted).build();
                // In a thread of its own, with a deadline, or a loop without an end would hang the build.
                Threads.run(1, i -> () -> {
                    for (int pick = 0; pick < 200; pick++) {
                        Attempt attempt =
                                pool.pick().another().another().another().another();
                        assertThat(attempt.number()).isEqualTo(5);
                    }
                });
            }
        }
    }

    @Test
    @DisplayName("16, 35: a strategy that names the same server again and again is asked at most four times")
    void aStubbornStrategyIsAskedAFewTimesOnly() {
        AtomicInteger asked = new AtomicInteger();
        ServerPool pool = fixture.builder()
                .balancer((candidates, previous) -> context -> {
                    asked.incrementAndGet();
                    return candidates.get(0);
                })
                .servers(servers(100))
                .build();
        Attempt attempt = pool.pick();
        for (int number = 2; number <= 100; number++) {
            asked.set(0);
            attempt = attempt.another();
            assertThat(asked.get()).isLessThanOrEqualTo(4);
        }
        assertThat(attempt.hasAnother()).isFalse();
        assertThat(pool.snapshot().servers()).allMatch(s -> s.picks() == 1);
    }

    @Test
    @DisplayName("18: a server given twice counts once, in the builder too")
    void duplicatesCountOnce() {
        ServerPool pool = fixture.builder()
                .balancer(Balancers.roundRobin())
                .servers(server("a"), server("a"), server("b"))
                .build();
        IntStream.range(0, 100).forEach(i -> pool.pick());

        assertThat(of(pool, "a").picks()).isEqualTo(50);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fixture.builder()
                        .servers(server("a"), server("a").withTag("k", "v"))
                        .build());
    }

    @Test
    @DisplayName("20: updates made by listeners follow one another, and fill no stack")
    void updatesMadeByListenersAreNotNested() {
        ServerPool[] pool = new ServerPool[1];
        AtomicInteger added = new AtomicInteger();
        AtomicBoolean inside = new AtomicBoolean();
        pool[0] = fixture.builder()
                .listener(new PoolListener() {
                    @Override
                    public void serverAdded(String name, Server server) {
                        assertThat(inside.getAndSet(true)).isFalse();
                        int count = added.incrementAndGet();
                        if (pool[0] != null && count < 20_000) {
                            pool[0].update(servers("s" + count % 2));
                        }
                        inside.set(false);
                    }
                })
                .build();
        pool[0].add(server("s0"));

        assertThat(added).hasValue(20_000);
    }

    @Test
    @DisplayName("23: a round robin that is rebuilt every third pick still gives each server its turn")
    void roundRobinSurvivesItsRebuilds() {
        ServerPool pool = fixture.builder()
                .balancer(Balancers.roundRobin())
                .servers(servers(10))
                .build();
        for (int i = 0; i < 100_000; i++) {
            if (i % 3 == 0) {
                pool.add(server("s9").withWeight(i % 2 + 1));
            }
            pool.pick().close();
        }

        assertThat(pool.snapshot().servers())
                .allSatisfy(s -> assertThat(s.picks()).isBetween(9_000L, 11_000L));
    }

    @ParameterizedTest
    @MethodSource("strategies")
    @DisplayName("23: the first picks of a thousand fresh clients are spread evenly")
    void freshClientsDoNotStartAtTheSameServer(Balancer strategy) {
        int[] hits = new int[10];
        for (int seed = 0; seed < 1000; seed++) {
            ServerPool pool = ServerPool.builder("orders")
                    .balancer(strategy)
                    .seed(seed * 0x5851f42d4c957f2dL)
                    .servers(servers(10))
                    .build();
            hits[Integer.parseInt(id(pool.pick()).substring(1))]++;
        }

        double chiSquare = Arrays.stream(hits)
                .mapToDouble(h -> (h - 100) * (h - 100) / 100.0)
                .sum();
        // p = 0.001 with nine degrees of freedom.
        assertThat(chiSquare).isLessThan(27.88);
    }

    @Test
    @DisplayName("24: what ends after its server flapped is counted on the one it was picked for")
    void aFlapOfAServerMakesNoCountNegative() {
        ServerPool pool = fixture.pool("a");
        List<Attempt> open = new ArrayList<>();
        for (int flap = 0; flap < 100; flap++) {
            open.add(pool.pick());
            pool.update(List.of());
            pool.update(servers("a"));
            open.add(pool.pick());
            assertThat(of(pool, "a").inFlight()).isEqualTo(1);
            open.forEach(Attempt::close);
            assertThat(of(pool, "a").inFlight()).isZero();
        }
    }

    @Test
    @DisplayName("25: an attempt that is ended by many at once is ended once")
    void anAttemptEndsOnceHoweverManyEndIt() {
        ServerPool pool = fixture.pool("a");
        for (int round = 0; round < 500; round++) {
            Attempt attempt = pool.pick();
            List<Boolean> won = Threads.together(4, thread -> () -> {
                if (thread == 0) {
                    attempt.answered();
                    attempt.close();
                    return false;
                }
                return attempt.complete(Outcome.FAILURE);
            });
            assertThat(won.stream().filter(first -> first).count()).isLessThanOrEqualTo(1);
            assertThat(of(pool, "a").inFlight()).isZero();
        }
        assertThat(of(pool, "a").failures()).isLessThanOrEqualTo(500);
    }

    @Test
    @DisplayName("32: a server is removed and added while requests are sent, and every count ends at zero")
    void removalMayMeetRequests() {
        ServerPool pool = fixture.builder()
                .balancer(Balancers.random())
                .servers(servers(4))
                .build();
        Threads.run(3, thread -> () -> {
            for (int i = 0; i < 10_000; i++) {
                if (thread == 0) {
                    pool.remove("s" + i % 3);
                    pool.add(server("s" + i % 3));
                } else {
                    Attempt attempt = pool.pick();
                    assertThat(pool.snapshot().servers().stream().allMatch(s -> s.inFlight() >= 0))
                            .isTrue();
                    attempt.complete(Outcome.SUCCESS);
                }
            }
        });

        assertThat(pool.snapshot().servers()).hasSize(4).allMatch(s -> s.inFlight() == 0);
    }
}
