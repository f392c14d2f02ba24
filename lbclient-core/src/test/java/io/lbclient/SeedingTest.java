package io.lbclient;

import static io.lbclient.PoolFixture.of;
import static io.lbclient.PoolFixture.server;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeedingTest {
    private static final long MS = 1_000_000;

    private final PoolFixture fixture = new PoolFixture();
    private final JudgedPool judge = new JudgedPool();
    private final ServerPool pool = fixture.builder()
            .healthMonitors(judge)
            // Each request names its server.
            .balancer((candidates, previous) -> context -> candidates.stream()
                    .filter(c -> c.server().id().equals(context.request().path()))
                    .findFirst()
                    .orElseThrow())
            .build();

    private void sample(String id, long nanos) {
        Attempt attempt = pool.pick(new RequestView() {
            @Override
            public String path() {
                return id;
            }
        });
        fixture.ticker.advanceNanos(nanos);
        attempt.complete(Outcome.SUCCESS);
        fixture.ticker.advanceNanos(-nanos);
    }

    @Test
    void aNewcomerStartsWithTheMedianOfTheOthers() {
        pool.update(servers("a", "b", "c"));
        sample("a", 10 * MS);
        sample("b", 30 * MS);
        sample("c", 500 * MS);
        pool.add(server("d"));

        assertThat(of(pool, "d").latencyNanos()).isEqualTo(30 * MS);
    }

    @Test
    void withoutOthersThatHaveSamplesItStartsWithNone() {
        pool.update(servers("a", "b"));
        pool.add(server("c"));

        assertThat(of(pool, "c").latencyNanos()).isZero();
    }

    @Test
    void aServerThatComesBackIsLiftedToTheMedianAndNeverLowered() {
        pool.update(servers("a", "b", "c"));
        sample("a", 10 * MS);
        sample("b", 90 * MS);
        sample("c", 20 * MS);
        judge.raise("a", HealthCause.OUTLIER);
        judge.raise("b", HealthCause.OUTLIER);
        fixture.settle();
        judge.clear("a", HealthCause.OUTLIER);
        judge.clear("b", HealthCause.OUTLIER);
        fixture.settle();

        assertThat(of(pool, "a").latencyNanos()).isEqualTo(20 * MS);
        assertThat(of(pool, "b").latencyNanos()).isEqualTo(90 * MS);
    }

    @Test
    void aServerThatEntersAViewKeepsItsOwnLatency() {
        pool.update(servers("a", "b", "c"));
        sample("a", 1 * MS);
        sample("b", 90 * MS);
        sample("c", 90 * MS);
        boolean[] ready = {false};
        PoolView view = pool.view(s -> ready[0] || !s.id().equals("a"));
        ready[0] = true;
        view.refresh();

        assertThat(of(pool, "a").latencyNanos()).isEqualTo(1 * MS);
    }

    @Test
    void aNewcomerIsSeededBeforeAnyViewShowsIt() {
        pool.update(servers("a", "b"));
        sample("a", 40 * MS);
        judge.raise("b", HealthCause.OUTLIER);
        fixture.settle();
        judge.clear("b", HealthCause.OUTLIER);
        // The rebuild is still to come; whoever asks for a view now sees the server already.
        PoolView view = pool.view(s -> s.id().equals("b"));

        assertThat(of(pool, "b").latencyNanos()).isEqualTo(40 * MS);
        assertThat(judge.told).endsWith("eligible b");
        view.close();
    }

    @Test
    void anUpdateOfItsSettingsMakesNoNewcomerOfAServer() {
        pool.update(servers("a", "b"));
        sample("a", 1 * MS);
        sample("b", 90 * MS);
        fixture.advance(Duration.ofMillis(1));
        long before = of(pool, "a").latencyNanos();
        pool.update(List.of(server("a").withWeight(2), server("b")));

        assertThat(of(pool, "a").latencyNanos()).isEqualTo(before);
    }
}
