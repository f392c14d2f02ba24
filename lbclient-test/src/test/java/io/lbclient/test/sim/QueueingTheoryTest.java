package io.lbclient.test.sim;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lbclient.balancer.Balancers;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** Where theory knows the answer, the simulator must find it. */
class QueueingTheoryTest {
    private static final double SERVICE_MILLIS = 10;
    private static final Percentage CLOSE = Percentage.withPercentage(3);

    private static Figures one(ServerModel model, double perSecond, Work work) {
        Scenario scenario = Scenario.builder("theory")
                .servers(1, model)
                .traffic(Traffic.of(1, Rate.of(perSecond), work).timeout(ofSeconds(1000)))
                .network(ZERO)
                .lasts(ofSeconds((int) (500_000 / perSecond)), ofSeconds(10))
                .build();
        return scenario.run(Strategy.of("only", Balancers.roundRobin()), 1);
    }

    /** Kleinrock, Queueing Systems I: T = S / (1 - rho), and T is exponentially distributed. */
    @Test
    void oneSlotWithExponentialWorkIsMM1() {
        Figures figures = one(ServerModel.queueing(1), 70, Work.exponential(ofMillis(10)));

        double mean = SERVICE_MILLIS / (1 - 0.7);
        assertThat(figures.mean()).isCloseTo(mean, CLOSE);
        assertThat(figures.p50()).isCloseTo(mean * Math.log(2), CLOSE);
        assertThat(figures.p99()).isCloseTo(mean * Math.log(100), Percentage.withPercentage(6));
    }

    /** Pollaczek and Khinchine, with a squared coefficient of variation of 0. */
    @Test
    void oneSlotWithConstantWorkIsMD1() {
        Figures figures = one(ServerModel.queueing(1), 80, Work.constant(ofMillis(10)));

        assertThat(figures.mean()).isCloseTo(SERVICE_MILLIS * (1 + 0.8 / (2 * (1 - 0.8))), CLOSE);
    }

    /** Pollaczek and Khinchine, with a squared coefficient of variation of exp(sigma^2) - 1. */
    @Test
    void oneSlotWithLogNormalWorkIsMG1() {
        Figures figures = one(ServerModel.queueing(1), 60, Work.logNormal(ofMillis(10), 1));

        double variation = Math.exp(1) - 1;
        assertThat(figures.mean())
                .isCloseTo(SERVICE_MILLIS * (1 + 0.6 / (1 - 0.6) * (1 + variation) / 2), Percentage.withPercentage(5));
    }

    /** Erlang C. */
    @Test
    void manySlotsWithExponentialWorkAreMMc() {
        int slots = 8;
        double load = 0.9 * slots;
        double term = 1;
        double sum = 0;
        for (int i = 0; i < slots; i++) {
            sum += term;
            term *= load / (i + 1);
        }
        double waits = term / (1 - 0.9) / (sum + term / (1 - 0.9));
        double expected = SERVICE_MILLIS + waits * SERVICE_MILLIS / (slots * (1 - 0.9));

        Figures figures = one(ServerModel.queueing(slots), 90 * slots, Work.exponential(ofMillis(10)));

        assertThat(figures.mean()).isCloseTo(expected, CLOSE);
    }

    /** The mean does not depend on how the work is distributed, only on its mean: T = S / (1 - rho). */
    @Test
    void processorSharingIsInsensitiveToTheDistribution() {
        for (Work work :
                new Work[] {Work.constant(ofMillis(10)), Work.exponential(ofMillis(10)), Work.logNormal(ofMillis(10), 1)
                }) {
            Figures figures = one(ServerModel.sharing(1), 70, work);

            assertThat(figures.mean())
                    .as("%s", work)
                    .isCloseTo(SERVICE_MILLIS / (1 - 0.7), Percentage.withPercentage(4));
        }
    }

    @Test
    void twiceTheSpeedTakesHalfTheTime() {
        Figures slow = one(ServerModel.queueing(2), 100, Work.exponential(ofMillis(10)));
        Figures fast = one(ServerModel.queueing(2).speed(2), 200, Work.exponential(ofMillis(10)));

        assertThat(fast.mean()).isCloseTo(slow.mean() / 2, CLOSE);
    }

    @Test
    void anIdleServerTakesTheWorkAndTheWayThereAndBack() {
        Scenario scenario = Scenario.builder("idle")
                .servers(1, ServerModel.queueing(1))
                .traffic(Traffic.of(1, Rate.of(10), Work.constant(ofMillis(5))).even())
                .network(ofMillis(2))
                .lasts(ofSeconds(10), ZERO)
                .build();

        Figures figures = scenario.run(Strategy.of("only", Balancers.roundRobin()), 1);

        assertThat(figures.p50()).isCloseTo(9, within(1e-6));
        assertThat(figures.p999()).isCloseTo(9, within(1e-6));
        assertThat(figures.requests()).isBetween(99L, 101L);
    }

    @Test
    void theDrawnWorkHasTheMeanThatItSays() {
        for (Work work : new Work[] {
            Work.exponential(ofMillis(10)),
            Work.logNormal(ofMillis(10), 1.5),
            Work.recorded(java.util.List.of(ofMillis(1), ofMillis(2), ofMillis(9))),
            Work.exponential(ofMillis(4)).mixedWith(0.02, Work.exponential(ofMillis(200)))
        }) {
            Stream random = new Stream(5);
            double sum = 0;
            int draws = 1_000_000;
            for (int i = 0; i < draws; i++) {
                sum += work.drawNanos(random);
            }

            assertThat(sum / draws).as("%s", work).isCloseTo(work.mean().toNanos(), Percentage.withPercentage(2));
        }
    }
}
