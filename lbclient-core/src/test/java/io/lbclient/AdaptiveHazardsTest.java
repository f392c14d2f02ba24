package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.of;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The default strategy without a detector, under a load of one request each millisecond for a minute, in virtual time. */
class AdaptiveHazardsTest {
    private static final int REQUESTS = 60_000;

    private final PoolFixture fixture = new PoolFixture();

    private record Answer(Duration after, Outcome outcome) {}

    private ServerPool run(int servers, Function<String, Answer> answers) {
        ServerPool pool = fixture.builder()
                .balancer(Balancer.adaptive())
                .healthMonitors()
                .servers(servers(servers))
                .build();
        for (int i = 0; i < REQUESTS; i++) {
            Attempt attempt = pool.pick();
            Answer answer = answers.apply(id(attempt));
            fixture.scheduler.schedule(
                    () -> attempt.complete(answer.outcome), answer.after.toNanos(), TimeUnit.NANOSECONDS);
            fixture.advance(Duration.ofMillis(1));
        }
        return pool;
    }

    private static double share(ServerPool pool, String id) {
        return (double) of(pool, id).picks() / REQUESTS;
    }

    private static final Answer GOOD = new Answer(Duration.ofMillis(10), Outcome.SUCCESS);

    @Test
    void aServerThatFailsFastAttractsNothingEvenWithoutADetector() {
        ServerPool pool = run(4, id -> id.equals("s0") ? new Answer(Duration.ofMillis(1), Outcome.FAILURE) : GOOD);

        assertThat(share(pool, "s0")).isLessThan(0.03);
    }

    @Test
    void aServerThatSwallowsRequestsIsFoundOutBeforeItsFirstTimeout() {
        ServerPool pool = run(4, id -> id.equals("s0") ? new Answer(Duration.ofMinutes(2), Outcome.TIMEOUT) : GOOD);

        assertThat(share(pool, "s0")).isLessThan(0.001);
    }

    @Test
    void withHundredsOfServersItLooksAtAFewAndSpreadsTheLoad() {
        ServerPool pool = run(300, id -> GOOD);

        assertThat(pool.snapshot().servers())
                .allSatisfy(s -> assertThat(s.picks()).isBetween(100L, 320L));
    }
}
