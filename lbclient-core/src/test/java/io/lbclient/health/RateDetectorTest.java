package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.health.RateDetector.Count;
import io.lbclient.health.RateDetector.Origin;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RateDetectorTest {
    private static List<Count> serverCounts(int... goodAndTotal) {
        List<Count> counts = new ArrayList<>();
        for (int i = 0; i < goodAndTotal.length; i += 2) {
            counts.add(new Count(goodAndTotal[i], goodAndTotal[i + 1] - goodAndTotal[i], 0));
        }
        return counts;
    }

    @Test
    @DisplayName("Envoy's success rates 50, 100, 100, 100, 100 give a threshold of 52")
    void envoysThreshold() {
        RateDetector detector = RateDetector.successRate(5, 100, 1.9);
        var found = detector.find(serverCounts(50, 100, 100, 100, 100, 100, 100, 100, 100, 100), Origin.SERVER);
        assertThat(found).hasSize(1);
        assertThat(found.get(0).index()).isZero();
        assertThat(found.get(0).why()).isEqualTo("success rate 50.0 % is under 52.0 %");
    }

    @Test
    void theDeviationIsThatOfThePopulation() {
        List<Double> values = List.of(600.0, 470.0, 170.0, 430.0, 300.0);
        assertThat(RateDetector.mean(values)).isEqualTo(394);
        assertThat(RateDetector.deviation(values)).isEqualTo(147.32277488562318);
    }

    @Test
    void ratesThatAreAllAlikeHaveNoOutlier() {
        RateDetector detector = RateDetector.successRate(3, 10, 1.9);
        assertThat(detector.find(serverCounts(0, 50, 0, 50, 0, 50), Origin.SERVER))
                .isEmpty();
    }

    @Test
    void theWorstServerComesFirst() {
        RateDetector detector = RateDetector.failurePercentage(50, 1, 10);
        var found = detector.find(serverCounts(40, 100, 0, 100, 90, 100, 20, 100), Origin.SERVER);
        assertThat(found).extracting(RateDetector.Outlier::index).containsExactly(1, 3, 0);
    }

    @Test
    void aFailurePercentageEqualToTheThresholdEjectsAsInEnvoy() {
        RateDetector detector = RateDetector.failurePercentage(85, 1, 100);
        assertThat(detector.find(serverCounts(15, 100), Origin.SERVER)).hasSize(1);
        assertThat(detector.find(serverCounts(16, 100), Origin.SERVER)).isEmpty();
    }

    @Test
    @DisplayName("bug 5: idle servers and servers with little traffic count neither as good nor as bad")
    void bug5IdleServersAreNotInTheMean() {
        RateDetector detector = RateDetector.successRate(1, 10, 1.9);
        List<Count> busy = serverCounts(10, 10, 10, 10, 10, 10, 8, 10);
        // Mean 95, deviation 8.66: 80 is not under 78.5. With three idle ones at 100 it would be under the bound.
        assertThat(detector.find(busy, Origin.SERVER)).isEmpty();
        List<Count> withIdle = new ArrayList<>(busy);
        withIdle.addAll(serverCounts(0, 0, 0, 0, 0, 0));
        assertThat(detector.find(withIdle, Origin.SERVER)).isEmpty();
        List<Count> withLowVolume = new ArrayList<>(busy);
        withLowVolume.addAll(serverCounts(5, 5, 5, 5, 5, 5));
        assertThat(detector.find(withLowVolume, Origin.SERVER)).isEmpty();
        // What the bug did: the low-volume ones taken as 100 %.
        List<Count> asIfGood = new ArrayList<>(busy);
        asIfGood.addAll(serverCounts(10, 10, 10, 10, 10, 10));
        assertThat(detector.find(asIfGood, Origin.SERVER)).hasSize(1);
    }

    @Test
    void aServerWithLessThanTheVolumeIsNeverFound() {
        RateDetector rate = RateDetector.successRate(1, 10, 1.9);
        RateDetector percentage = RateDetector.failurePercentage(1, 1, 10);
        List<Count> counts = serverCounts(0, 3, 10, 10, 10, 10);
        assertThat(rate.find(counts, Origin.SERVER)).isEmpty();
        assertThat(percentage.find(counts, Origin.SERVER)).isEmpty();
        assertThat(RateDetector.failurePercentage(85, 1, 10).find(serverCounts(1, 10), Origin.SERVER))
                .hasSize(1);
    }

    @Test
    void localOriginAndServerOriginAreRatesOfTheirOwn() {
        // Of 100 sent 60 were answered, 30 of them well: 50 % of the answers, 60 % of what was sent.
        Count count = new Count(30, 30, 40);
        RateDetector half = RateDetector.failurePercentage(50, 1, 1);
        assertThat(half.find(List.of(count), Origin.SERVER)).hasSize(1);
        assertThat(half.find(List.of(count), Origin.LOCAL)).isEmpty();
        assertThat(RateDetector.failurePercentage(40, 1, 1).find(List.of(count), Origin.LOCAL))
                .extracting(RateDetector.Outlier::why)
                .containsExactly("40.0 % local-origin failures, threshold 40 %");
    }

    @Test
    void aDetectorThatIsOffFindsNothing() {
        assertThat(RateDetector.OFF.find(serverCounts(0, 1000, 0, 1000), Origin.SERVER))
                .isEmpty();
        assertThat(RateDetector.OFF.find(List.of(), Origin.SERVER)).isEmpty();
    }
}
