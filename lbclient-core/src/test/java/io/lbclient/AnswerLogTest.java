package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the default strategy makes of one server's answers. */
class AnswerLogTest {
    private static final long MS = 1_000_000;

    private final PoolState pool =
            new PoolState(ServerPool.builder("answers").ticker(() -> 0).scheduler(new Never()));
    private final ServerState server = new ServerState(pool, Server.of("h", 1));
    private long now;

    private void answerIn(long nanos) {
        server.begin(now);
        now += nanos;
        server.answered(now - nanos, now);
        server.end(now - nanos, nanos, Outcome.SUCCESS, false);
    }

    private void fail() {
        server.begin(now);
        server.end(now, -1, Outcome.FAILURE, false);
    }

    private void giveUpAfter(long nanos) {
        server.begin(now);
        now += nanos;
        server.givenUp(nanos, now);
        server.endWaiting(now - nanos);
    }

    @Test
    void theFirstGoodAnswerAfterALookMakesAServerAsGoodAsItsPeersUnlessItTookThreeTimesAsLong() {
        answerIn(200 * MS);
        server.lookAgain(10 * MS);
        answerIn(29 * MS);
        assertThat(server.lastTypicalNanos()).isCloseTo(10 * MS, within(1.0));

        server.lookAgain(10 * MS);
        answerIn(31 * MS);
        assertThat(server.lastTypicalNanos()).isCloseTo(31 * MS, within(1.0));
    }

    @Test
    void aLookForgetsFailuresButNotItsOwn() {
        answerIn(10 * MS);
        fail();
        server.lookAgain(10 * MS);
        answerIn(10 * MS);
        assertThat(server.failureRate(now)).isZero();

        fail();
        server.lookAgain(10 * MS);
        fail();
        answerIn(10 * MS);
        assertThat(server.failureRate(now)).isPositive();
    }

    @Test
    void whoIsForgivenComesHalfwayToItsPeersAndIsNeverMadeSlower() {
        answerIn(90 * MS);
        fail();
        double rate = server.failureRate(0);
        server.forgive(10 * MS, now);
        assertThat(server.lastTypicalNanos()).isCloseTo(30 * MS, withinPercentage(0.001));
        assertThat(server.failureRate(0)).isCloseTo(rate / 2, withinPercentage(0.001));

        server.forgive(100 * MS, now);
        assertThat(server.lastTypicalNanos()).isCloseTo(30 * MS, withinPercentage(0.001));
    }

    /** As long as hedges answer in its place, nothing else says that a server answers nobody. */
    @Test
    void aRequestThatWasGivenUpLaterThanAnAnswerTakesMakesItsServerSlower() {
        answerIn(10 * MS);
        giveUpAfter(9 * MS);
        assertThat(server.lastTypicalNanos()).isCloseTo(10 * MS, within(1.0));

        giveUpAfter(300 * MS);
        assertThat(server.lastTypicalNanos()).isGreaterThan(50 * MS);
        assertThat(server.cost()).isEqualTo(server.lastTypicalNanos());
    }

    @Test
    void whatAReportCountsIsWithoutOursAndOfOursTheAnsweredOneIsDone() {
        server.begin(now);
        server.begin(now);
        server.report(inFlight(5), false, now);

        // Five, less the other one of ours, is usual.
        assertThat(pool.foresight.deviation(Foresight.Kind.IN_FLIGHT, 4)).isZero();
    }

    private static LoadReport inFlight(double count) {
        return new LoadReport(0, 0, 0, 0, 0, Map.of("named_metrics.requests_in_flight", count));
    }

    /** What an answer brings was not known when its request was sent, and may come before the answer is noted. */
    @Test
    void anAnswerIsHeldAgainstTheReportBeforeItsRequest() {
        SplittableRandom random = new SplittableRandom(3);
        double load = 3;
        for (int i = 0; i < 500; i++) {
            long start = now;
            server.begin(start);
            now += (long) (10 * MS * load);
            load = 1 + random.nextInt(5);
            server.report(inFlight(load), false, now);
            server.answered(start, now);
            server.endAnswered();
        }

        // One in flight more than the usual three is a third more time.
        assertThat(pool.foresight.slope(Foresight.Kind.IN_FLIGHT)).isBetween(0.2, 0.5);
    }
}
