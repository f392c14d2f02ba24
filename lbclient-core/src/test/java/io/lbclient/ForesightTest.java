package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lbclient.Foresight.Kind;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports are believed as far as they foretold answers, and count the less the older they are. */
class ForesightTest {
    private static final double ANSWER = 10e6;

    private final Random random = new Random(7);
    private final Foresight foresight = new Foresight();

    private static LoadReport inFlight(double count) {
        return new LoadReport(0, 0, 0, 0, 0, Map.of("named_metrics.requests_in_flight", count));
    }

    private void answers(int count, double late) {
        for (int i = 0; i < count; i++) {
            double deviation = random.nextInt(5) - 2;
            foresight.learn(Kind.IN_FLIGHT, deviation, late * deviation + random.nextGaussian());
        }
    }

    @Test
    void whatIsBelievedIsByHowMuchAnswersTookLonger() {
        answers(5000, 0.3);

        assertThat(foresight.slope(Kind.IN_FLIGHT)).isCloseTo(0.3, within(0.06));
        assertThat(foresight.slope(Kind.UTILIZATION)).isZero();
    }

    @Test
    void reportsThatForetellNothingAreHardlyBelieved() {
        answers(5000, 0);

        assertThat(foresight.slope(Kind.IN_FLIGHT)).isBetween(0.0, 0.1);
    }

    @Test
    void serversThatAreFasterTheMoreTheyReportAreNotBelieved() {
        answers(5000, -0.5);

        assertThat(foresight.slope(Kind.IN_FLIGHT)).isZero();
    }

    @Test
    void aReportCountsTheLessTheOlderItIs() {
        answers(5000, 0.3);
        Foretold.by(inFlight(4), 0, ANSWER, foresight, 0);
        Foretold more = Foretold.by(inFlight(6), 0, ANSWER, foresight, 0);

        assertThat(more).isNotNull();
        assertThat(more.factor(0)).isGreaterThan(more.factor(50_000_000)).isGreaterThan(1);
        assertThat(more.factor(100_000_000)).isEqualTo(1);
        assertThat(more.factor(-50_000_000)).isEqualTo(more.factor(0));
    }

    @Test
    void whatTheClientHasInFlightItselfIsNotCountedTwice() {
        assertThat(Foretold.by(inFlight(3), 0, ANSWER, foresight, 0))
                .isNotNull()
                .extracting(Foretold::deviation)
                .isEqualTo(0.0);
        assertThat(Foretold.by(inFlight(8), 5, ANSWER, foresight, 0))
                .isNotNull()
                .extracting(Foretold::deviation)
                .isEqualTo(0.0);
    }

    @Test
    void utilizationCountsWhereRequestsInFlightAreNotReported() {
        LoadReport report = new LoadReport(0, 0.5, 0, 0, 0, Map.of());

        assertThat(Foretold.by(report, 0, ANSWER, foresight, 0))
                .isNotNull()
                .extracting(Foretold::kind)
                .isEqualTo(Kind.UTILIZATION);
        assertThat(foresight.reported()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY, 1e9, Double.MAX_VALUE})
    void whatCannotBeIsNoReport(double nonsense) {
        LoadReport report = new LoadReport(
                nonsense, nonsense, nonsense, 0, 0, Map.of("named_metrics.requests_in_flight", nonsense));

        assertThat(Foretold.by(report, 0, ANSWER, foresight, 0)).isNull();
        assertThat(foresight.reported()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1e-9, 1, 999_999})
    void whateverIsReportedAnAnswerIsExpectedWithinAFactorOfFour(double load) {
        answers(5000, 3);
        Foretold.by(inFlight(100), 0, ANSWER, foresight, 0);
        Foretold said = Foretold.by(inFlight(load), 0, ANSWER, foresight, 0);

        assertThat(said).isNotNull();
        assertThat(said.factor(0)).isBetween(0.25, 4.0);
    }
}
