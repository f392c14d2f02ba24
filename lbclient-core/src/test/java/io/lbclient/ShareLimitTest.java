package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.balancer.Balancers;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShareLimitTest {
    private final PoolFixture fixture = new PoolFixture();
    private final JudgedPool judge = new JudgedPool();

    private ServerPool pool(Balancer balancer, int count) {
        return fixture.builder()
                .balancer(balancer)
                .healthMonitors(judge)
                .servers(servers(count))
                .build();
    }

    private void limit(String id, MonitoredPool.ShareLimit limit) {
        judge.pool().limitShare(judge.candidate(id), limit);
    }

    private static long picksOf(ServerPool pool, String id, int count) {
        return IntStream.range(0, count).filter(i -> id(pool.pick()).equals(id)).count();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10})
    void aShareOfZeroIsNothingWhileAnotherMayBePickedWhateverTheStrategySays(int count) {
        ServerPool stubborn = pool(PoolFixture.FIRST, count);
        limit("s0", now -> 0.0);

        assertThat(picksOf(stubborn, "s0", 1000)).isZero();
        // What is sent away goes to all others alike.
        assertThat(picksOf(stubborn, "s1", 9000)).isBetween(8_500L / (count - 1), 9_500L / (count - 1));
    }

    @Test
    void ifAllSharesAreZeroTheStrategyIsFollowed() {
        ServerPool pool = pool(PoolFixture.FIRST, 3);
        IntStream.range(0, 3).forEach(i -> limit("s" + i, now -> 0.0));

        assertThat(picksOf(pool, "s0", 100)).isEqualTo(100);
    }

    @Test
    void aShareOfOneFifthLetsThroughOneInFiveOfThePicksThatTheStrategyMakesForIt() {
        ServerPool stubborn = pool(PoolFixture.FIRST, 3);
        limit("s0", now -> 0.2);
        assertThat(picksOf(stubborn, "s0", 10_000)).isBetween(1_850L, 2_150L);

        ServerPool spread = pool(Balancers.random(), 2);
        limit("s0", now -> 0.2);
        assertThat(picksOf(spread, "s0", 10_000)).isBetween(880L, 1_120L);

        ServerPool turns = pool(Balancers.roundRobin(), 4);
        limit("s0", now -> 0.2);
        // A turn that is not taken goes to the next: 0.2 of 3.2 rather than of 4.
        assertThat(picksOf(turns, "s0", 10_000)).isBetween(550L, 700L);
    }

    @Test
    void aShareThatIsLiftedIsNoBoundAnyMore() {
        ServerPool pool = pool(PoolFixture.FIRST, 2);
        limit("s0", now -> 0.0);
        judge.pool().limitShare(judge.candidate("s0"), null);
        assertThat(picksOf(pool, "s0", 100)).isEqualTo(100);

        limit("s0", now -> 1.0);
        assertThat(picksOf(pool, "s0", 100)).isEqualTo(100);
    }

    @Test
    void aShareIsAskedForByThePoolsClock() {
        ServerPool pool = pool(PoolFixture.FIRST, 2);
        long start = fixture.ticker.read();
        limit("s0", now -> now - start >= Duration.ofSeconds(10).toNanos() ? 1.0 : 0.0);
        assertThat(picksOf(pool, "s0", 100)).isZero();
        fixture.ticker.advance(Duration.ofSeconds(10));

        assertThat(picksOf(pool, "s0", 100)).isEqualTo(100);
    }

    @Test
    void aRetryWouldRatherBreakABoundThanGoWhereItHasBeen() {
        ServerPool pool = pool(PoolFixture.FIRST, 2);
        limit("s1", now -> 0.0);

        assertThat(id(pool.pick().another())).isEqualTo("s1");
    }

    @Test
    void aShareThatIsNoNumberIsNothing() {
        ServerPool pool = pool(PoolFixture.FIRST, 2);
        limit("s0", now -> Double.NaN);

        assertThat(picksOf(pool, "s0", 100)).isZero();
    }
}
