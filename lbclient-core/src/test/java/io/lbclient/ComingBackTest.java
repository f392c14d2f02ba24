package io.lbclient;

import static io.lbclient.PoolFixture.of;
import static io.lbclient.PoolFixture.pickOnce;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ComingBackTest {
    private final PoolFixture fixture = new PoolFixture();

    /** Ejects the first server by a connect failure, lets trials fail, and then one succeed. */
    private ServerPool poolWhoseFirstServerCameBack(ServerPoolBuilder settings) {
        ServerPool pool = settings.servers(servers("a", "b")).build();
        Attempt first = pool.pick();
        while (!first.server().id().equals("a")) {
            first.complete(Outcome.SUCCESS);
            first = pool.pick();
        }
        first.complete(Outcome.CONNECT_FAILURE);
        fixture.settle();
        int failedTrials = 0;
        while (!of(pool, "a").state().eligible()) {
            fixture.advance(Duration.ofSeconds(1));
            Attempt attempt = pool.pick();
            boolean trial = attempt.server().id().equals("a");
            boolean fails = trial && failedTrials < 2;
            failedTrials += fails ? 1 : 0;
            fixture.ticker.advanceNanos(5_000_000);
            attempt.complete(fails ? Outcome.CONNECT_FAILURE : Outcome.SUCCESS);
            fixture.settle();
        }
        return pool;
    }

    @Test
    void aServerThatComesBackLeavesItsFailureRateBehind() {
        ServerPool pool = poolWhoseFirstServerCameBack(fixture.builder());

        assertThat(of(pool, "a").failures()).isEqualTo(3);
        assertThat(of(pool, "a").failureRate()).isZero();
    }

    @Test
    void aServerThatComesBackGetsItsShareAtOnce() {
        ServerPool pool = poolWhoseFirstServerCameBack(fixture.builder().balancer(Balancer.adaptive()));
        int before = (int) of(pool, "a").picks();
        for (int i = 0; i < 1000; i++) {
            Attempt attempt = pool.pick();
            fixture.ticker.advanceNanos(5_000_000);
            attempt.complete(Outcome.SUCCESS);
        }

        assertThat(of(pool, "a").picks() - before).isBetween(400L, 600L);
    }

    @Test
    void failuresAfterItsComingBackCountAsEver() {
        ServerPool pool = poolWhoseFirstServerCameBack(fixture.builder());
        assertThat(pickOnce(pool, Outcome.FAILURE)).isEqualTo("a");

        assertThat(of(pool, "a").failureRate()).isCloseTo(0.125, within(1e-6));
    }
}
