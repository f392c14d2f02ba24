package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.of;
import static io.lbclient.PoolFixture.pickOnce;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("I10: a clock that jumps")
class ClockTest {
    private final PoolFixture fixture = new PoolFixture();

    @Test
    void breaksNoPickAndNoFigure() {
        ServerPool pool = fixture.builder()
                .balancer(Balancer.adaptive())
                .servers(servers(5))
                .build();
        long[] jumps = {
            Duration.ofSeconds(-1).toNanos(),
            Duration.ofHours(1).toNanos(),
            Duration.ofDays(1).toNanos(),
            Duration.ofDays(-1).toNanos(),
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            1
        };
        SplittableRandom random = new SplittableRandom(3);
        Outcome[] outcomes = Outcome.values();
        List<Attempt> open = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            open.add(pool.pick());
            fixture.ticker.advanceNanos(random.nextInt(10_000_000));
            if (i % 97 == 0) {
                fixture.ticker.advanceNanos(jumps[random.nextInt(jumps.length)]);
            }
            if (open.size() > 20) {
                Attempt ended = open.remove(random.nextInt(20));
                ended.answered();
                ended.complete(random.nextInt(4) == 0 ? outcomes[random.nextInt(outcomes.length)] : Outcome.SUCCESS);
            }
            for (ServerSnapshot server : pool.snapshot().servers()) {
                assertThat(server.latencyNanos()).isNotNegative();
                assertThat(server.failureRate()).isBetween(0.0, 1.0);
            }
        }
        open.forEach(Attempt::close);
        assertThat(pool.snapshot().servers()).allMatch(s -> s.inFlight() == 0);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 3600})
    void keepsNoServerEjectedForLongerThanTheFirstBackOff(long jumpSeconds) {
        ServerPool pool = fixture.pool("a", "b");
        pickOnce(pool, Outcome.CONNECT_FAILURE);
        fixture.settle();
        fixture.ticker.advance(Duration.ofSeconds(jumpSeconds));
        fixture.advance(Duration.ofMillis(1200).plusSeconds(Math.max(0, -jumpSeconds)));
        pickOnce(pool, Outcome.SUCCESS);
        fixture.settle();

        assertThat(id(pool.pick())).isEqualTo("a");
        assertThat(of(pool, "a").state()).isEqualTo(HealthState.HEALTHY);
    }

    @Test
    void thatGoesBackGivesNoNegativeLatency() {
        ServerPool pool = fixture.pool("a");
        Attempt attempt = pool.pick();
        fixture.ticker.advance(Duration.ofSeconds(-1));
        attempt.answered();
        attempt.complete(Outcome.SUCCESS);

        assertThat(of(pool, "a").latencyNanos()).isZero();
    }
}
