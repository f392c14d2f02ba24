package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Balancer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightedRoundRobinTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.weightedRoundRobin();
    }

    @Override
    boolean takesTurns() {
        return true;
    }

    /** Source of the first line: nginx's commit message. The others: the same steps, computed by hand. */
    @ParameterizedTest
    @CsvSource({
        "5 1 1, 0 0 1 0 2 0 0",
        "3 2 1, 0 1 0 2 1 0",
        "4 2, 0 1 0 0 1 0",
        "2 3 5, 2 1 0 2 1 2 2 0 1 2",
        "1 2 3 4, 3 2 1 3 0 2 3 1 2 3",
        "10 1, 0 0 0 0 0 1 0 0 0 0 0",
        "1 1 1, 0 1 2",
        "0.5 0.1 0.1, 0 0 1 0 2 0 0",
        "5e300 1e300 1e300, 0 0 1 0 2 0 0",
    })
    void theOrderIsThatOfNginx(String weights, String order) {
        try (Lab lab = Lab.of(numbers(weights))) {
            int picks = order.split(" ").length;
            Balancer.Picker picker = balancer().picker(lab.candidates(), at(0));
            assertThat(lab.order(picker, picks)).isEqualTo(order);
            assertThat(lab.order(picker, picks)).as("the next period").isEqualTo(order);
        }
    }

    @Test
    void anOrderBegunAtARandomPlaceIsTheSameOrder() {
        try (Lab lab = Lab.of(5, 1, 1)) {
            String order = lab.order(lab.picker(balancer()), 20);
            assertThat("0 0 1 0 2 0 0 0 0 1 0 2 0 0 0 0 1 0 2 0 0 0 0 1 0 2 0 0")
                    .contains(order);
        }
    }

    @Test
    void theOrderGoesOnWhenThePickerIsRebuilt() {
        try (Lab lab = Lab.of(5, 1, 1)) {
            Balancer.Picker picker = balancer().picker(lab.candidates(), at(0));
            StringBuilder order = new StringBuilder();
            for (int i = 0; i < 7; i++) {
                order.append(lab.order(picker, 1));
                picker = balancer().picker(lab.candidates(), picker);
            }
            assertThat(order).hasToString("0010200");
        }
    }

    @Test
    void weightsInNoRelationOfSmallNumbersAreSharedAllTheSame() {
        try (Lab lab = Lab.of(Math.PI, Math.E, 1, 1000.5)) {
            assertThat(SmoothWeightedRoundRobin.wholeNumbers(Weights.of(lab.candidates()).shares))
                    .isEmpty();
            int[] counts = lab.counts(lab.picker(balancer()), 1_000_000);
            double sum = Math.PI + Math.E + 1 + 1000.5;
            assertThat(counts[0] / 1e6).isBetween(Math.PI / sum - 2e-5, Math.PI / sum + 2e-5);
            assertThat(counts[1] / 1e6).isBetween(Math.E / sum - 2e-5, Math.E / sum + 2e-5);
            assertThat(counts[2] / 1e6).isBetween(1 / sum - 2e-5, 1 / sum + 2e-5);
        }
    }

    @Test
    void theTableHasABoundedLength() {
        double[] weights = new double[1000];
        Arrays.setAll(weights, i -> 1 + i % 10);
        assertThat(SmoothWeightedRoundRobin.wholeNumbers(Weights.shares(weights)))
                .isEmpty();
        assertThat(SmoothWeightedRoundRobin.wholeNumbers(new double[] {1, 1e-6}))
                .isEmpty();
        assertThat(SmoothWeightedRoundRobin.wholeNumbers(new double[] {1, 0.999}))
                .containsExactly(1000, 999);
    }

    /** The upstream.t test of nginx: two equal peers share 30 requests evenly. */
    @Test
    void twoEqualServersShareEvenly() {
        try (Lab lab = Lab.equal(2)) {
            assertThat(lab.counts(lab.picker(balancer()), 30)).containsExactly(15, 15);
        }
    }

    static double[] numbers(String text) {
        return Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
    }
}
