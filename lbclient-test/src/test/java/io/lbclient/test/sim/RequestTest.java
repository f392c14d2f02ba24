package io.lbclient.test.sim;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lbclient.balancer.Balancers;
import io.lbclient.balancer.HashKey;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of a request when something is wrong with the server that it goes to. */
class RequestTest {
    private static final Strategy TURNS = Strategy.of("turns", Balancers.roundRobin());
    private static final Strategy BLIND_TURNS = TURNS.withoutHealth();
    private static final Duration END = ofSeconds(10);

    /** A hundred requests per second of 5 ms each, a twentieth of what one server can do. */
    private static Traffic light() {
        return Traffic.of(1, Rate.of(100), Work.constant(ofMillis(5))).even().timeout(ofMillis(500));
    }

    private static Scenario.Builder servers(int count) {
        return Scenario.builder("requests")
                .servers(count, ServerModel.queueing(10))
                .lasts(END, Duration.ZERO);
    }

    private static Scenario always(Fault fault, Traffic traffic) {
        return servers(2).traffic(traffic).fault(fault, Duration.ZERO, END, 0).build();
    }

    @Test
    void aServerThatHangsLetsItsRequestsTimeOutAndGivesNoAnswer() {
        Figures figures = always(Fault.hang(), light()).run(BLIND_TURNS, 1);

        assertThat(figures.errors()).isEqualTo(figures.requests() / 2);
        assertThat(figures.p999()).isCloseTo(500, within(1e-6));
        assertThat(figures.responsesPerRequest()).isEqualTo(0.5);
    }

    @Test
    void aServerThatRefusesCostsAnErrorButNoAnswerAndNoTime() {
        Figures figures = always(Fault.refuse(), light()).run(BLIND_TURNS, 1);

        assertThat(figures.errors()).isEqualTo(figures.requests() / 2);
        assertThat(figures.responsesPerRequest()).isEqualTo(0.5);
        assertThat(figures.p999()).isLessThan(6);
    }

    @Test
    void quickFailuresAreErrorsButNotGoodTimes() {
        Figures figures = always(Fault.failFast(1, ofMillis(1)), light()).run(BLIND_TURNS, 1);

        assertThat(figures.errors()).isEqualTo(figures.requests() / 2);
        assertThat(figures.responsesPerRequest()).isEqualTo(1);
        assertThat(figures.p50()).isCloseTo(5.2, within(1e-6));
    }

    @Test
    void whatBeganInTheWarmUpIsNotCounted() {
        Scenario scenario = servers(1)
                .traffic(light())
                .fault(Fault.hang(), Duration.ZERO, ofSeconds(3), 0)
                .lasts(END, ofSeconds(3))
                .build();

        Figures figures = scenario.run(BLIND_TURNS, 1);

        assertThat(figures.errors()).isZero();
        assertThat(figures.requests()).isBetween(699L, 701L);
        assertThat(figures.p999()).isCloseTo(5.2, within(1e-6));
    }

    @Test
    void whenAFaultIsOverTheServerIsAsItWas() {
        for (Fault fault : List.of(
                Fault.slow(20), Fault.failFast(1, ofMillis(1)), Fault.failLate(1), Fault.hang(), Fault.refuse())) {
            Scenario scenario = servers(1)
                    .traffic(light())
                    .fault(fault, ofSeconds(1), ofSeconds(3), 0)
                    .build();

            List<Second> seconds = scenario.watch(BLIND_TURNS, 1);

            Second meanwhile = seconds.get(2);
            assertThat(meanwhile.errors() > 90 || meanwhile.p50() > 90)
                    .as("%s", fault)
                    .isTrue();
            assertThat(seconds.get(8).errors()).as("%s", fault).isZero();
            assertThat(seconds.get(8).good()).as("%s", fault).isBetween(99L, 101L);
            assertThat(seconds.get(8).p99()).as("%s", fault).isCloseTo(5.2, within(1e-6));
        }
    }

    @Test
    void aFaultOfHalfTheRequestsFailsHalfOfThem() {
        Figures figures = always(Fault.failLate(0.5), light()).run(BLIND_TURNS, 1);

        assertThat(figures.errorShare()).isCloseTo(0.25, within(0.05));
    }

    @Test
    void oneRetryAtAnotherServerSavesEveryRequestFromOneBadServer() {
        for (Fault fault : new Fault[] {Fault.failFast(1, ofMillis(1)), Fault.failLate(1), Fault.refuse()}) {
            Figures figures = always(fault, light().retries(1)).run(BLIND_TURNS, 1);

            assertThat(figures.errors()).as("%s", fault).isZero();
        }
    }

    @Test
    void aRetryIsAnotherAnswer() {
        Strategy random = Strategy.of("random", Balancers.random()).withoutHealth();

        Figures figures =
                always(Fault.failFast(1, ofMillis(1)), light().retries(1)).run(random, 1);

        assertThat(figures.responsesPerRequest()).isCloseTo(1.5, within(0.05));
        assertThat(figures.p99()).isCloseTo(1 + 5 + 2 * 0.2, within(1e-6));
    }

    @Test
    void aRetryCostsWhatTheFirstTryDid() {
        // One request in four takes 100 ms, at either server: were it drawn anew, twice 100 ms would be one in sixteen.
        Work work = Work.recorded(List.of(ofMillis(1), ofMillis(1), ofMillis(1), ofMillis(100)));
        Strategy first = Strategy.of("first", Balancers.firstAvailable()).withoutHealth();

        Figures figures = always(
                        Fault.failLate(1), Traffic.of(1, Rate.of(20), work).retries(1))
                .run(first, 1);

        assertThat(figures.p50()).isCloseTo(2 + 2 * 0.2, within(1e-6));
        assertThat(figures.p90()).isCloseTo(200 + 2 * 0.2, within(1e-6));
    }

    @Test
    void aTimeoutIsTriedAgainOnlyIfTheClientSaysSo() {
        Figures once = always(Fault.hang(), light().retries(1)).run(BLIND_TURNS, 1);
        Figures twice =
                always(Fault.hang(), light().retries(1).retryingTimeouts()).run(BLIND_TURNS, 1);

        assertThat(once.errors()).isPositive();
        assertThat(twice.errors()).isZero();
        assertThat(twice.p999()).isCloseTo(500 + 5.2, within(1e-6));
    }

    @Test
    void aServerGoesOnWorkingForAClientThatHasGivenUp() {
        // One slot, 20 ms of work, 40 requests a second, and clients that wait for 10 ms: all of it is in vain, and all
        // of it is answered.
        Scenario scenario = Scenario.builder("in vain")
                .servers(1, ServerModel.queueing(1))
                .traffic(Traffic.of(1, Rate.of(40), Work.constant(ofMillis(20)))
                        .even()
                        .timeout(ofMillis(10)))
                .lasts(END, Duration.ZERO)
                .build();

        Figures figures = scenario.run(BLIND_TURNS, 1);

        assertThat(figures.errors()).isEqualTo(figures.requests());
        assertThat(figures.responsesPerRequest()).isGreaterThan(0.99);
    }

    @Test
    void aRateLimitLetsThroughWhatItSays() {
        Scenario scenario = Scenario.builder("limited")
                .servers(1, ServerModel.queueing(10).rateLimit(25, 1))
                .traffic(light())
                .lasts(END, Duration.ZERO)
                .build();

        Figures figures = scenario.run(BLIND_TURNS, 1);

        assertThat(figures.errorShare()).isCloseTo(0.75, within(0.01));
    }

    @Test
    void aFullQueueTurnsRequestsAwayAtOnce() {
        Scenario scenario = Scenario.builder("full")
                .servers(1, ServerModel.queueing(1).queueLimit(2))
                .traffic(Traffic.of(1, Rate.of(200), Work.constant(ofMillis(10)))
                        .even()
                        .timeout(ofSeconds(1)))
                .lasts(END, Duration.ZERO)
                .build();

        Figures figures = scenario.run(BLIND_TURNS, 1);

        assertThat(figures.errorShare()).isCloseTo(0.5, within(0.02));
        assertThat(figures.p999()).as("three before it").isLessThanOrEqualTo(30.2 + 1e-6);
    }

    @Test
    void aRestartedServerIsColdAndBecomesWarm() {
        Scenario scenario = Scenario.builder("cold")
                .servers(1, ServerModel.queueing(10).coldStart(ofSeconds(2), 0.1))
                .traffic(light())
                .fault(Fault.restart(), ofSeconds(3), ofSeconds(4), 0)
                .lasts(END, Duration.ZERO)
                .build();

        Figures figures = scenario.run(BLIND_TURNS, 1);

        assertThat(figures.errors()).isBetween(99L, 101L);
        assertThat(figures.p50()).isCloseTo(5.2, within(1e-6));
        assertThat(figures.p999()).as("at a tenth of the speed").isBetween(35.0, 50.2);
    }

    @Test
    void aServerThatIsRestartedWhileItIsColdIsAsColdAgain() {
        Scenario scenario = Scenario.builder("cold again")
                .servers(1, ServerModel.queueing(10).coldStart(ofSeconds(2), 0.1))
                .traffic(light())
                .fault(Fault.restart(), ofSeconds(2), ofSeconds(3), 0)
                .fault(Fault.restart(), ofMillis(3980), ofMillis(4020), 0)
                .lasts(END, Duration.ZERO)
                .build();

        List<Second> seconds = scenario.watch(BLIND_TURNS, 1);

        assertThat(seconds.get(4).p99()).isBetween(30.0, 50.2);
        assertThat(seconds.get(8).p99()).isCloseTo(5.2, within(1e-6));
    }

    @Test
    void antagonistsComeAndGo() {
        Scenario scenario = Scenario.builder("antagonists")
                .servers(1, ServerModel.queueing(10).antagonists(ofSeconds(4), ofSeconds(4), 10))
                .traffic(light())
                .lasts(ofSeconds(60), Duration.ZERO)
                .build();

        List<Double> medians = scenario.watch(BLIND_TURNS, 1).stream()
                .map(Second::p50)
                .map(millis -> millis < 5.3 ? 1.0 : millis > 50 ? 10.0 : Double.NaN)
                .filter(times -> !times.isNaN())
                .toList();

        assertThat(medians).containsSubsequence(1.0, 10.0, 1.0, 10.0, 1.0);
    }

    @Test
    void aSlowServerIsSlowForAsLongAsItSaysAlsoForWhatItHadBefore() {
        Scenario scenario = servers(1)
                .traffic(Traffic.of(1, Rate.of(1), Work.constant(ofMillis(400))).timeout(ofSeconds(5)))
                .fault(Fault.slow(2), Duration.ZERO, END, 0)
                .build();

        Figures figures = scenario.run(BLIND_TURNS, 1);

        assertThat(figures.p50()).isCloseTo(800.2, within(1e-3));
    }

    @Test
    void whoComesBackToAServerThatRemembersPaysLess() {
        Scenario scenario = Scenario.builder("cached")
                .servers(4, ServerModel.queueing(10).cache(30, 0.1))
                .traffic(light().keys(100, 0))
                .lasts(ofSeconds(60), ofSeconds(20))
                .build();

        Figures spread = scenario.run(TURNS, 1);
        Figures kept = scenario.run(
                Strategy.of("hash", Balancers.rendezvous(HashKey.path()).build()), 1);

        assertThat(kept.mean()).isLessThan(spread.mean() / 3);
        assertThat(spread.mean()).isBetween(3.0, 4.8);
    }

    @Test
    void serversThatJoinGetRequestsWithinASecond() {
        Scenario scenario = Scenario.builder("growing")
                .servers(1, ServerModel.queueing(10))
                .serversJoining(ofSeconds(5), 1, ServerModel.queueing(10))
                .traffic(light())
                .lasts(END, Duration.ZERO)
                .build();

        Figures figures = scenario.run(TURNS, 1);

        assertThat(figures.errors()).isZero();
        // Everything for 5 to 6 s, and half for the rest, of 10 s.
        assertThat(figures.busiestOverMean()).isBetween(1.5, 1.6);
    }

    @Test
    void theDefaultHealthMonitorIsTheRealOne() {
        Scenario scenario = always(Fault.failFast(1, ofMillis(1)), light());

        assertThat(scenario.run(TURNS, 1).errors()).isBetween(5L, 20L);
        assertThat(scenario.run(BLIND_TURNS, 1).errors()).isGreaterThan(400);
    }
}
