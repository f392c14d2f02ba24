package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Balancer;
import org.junit.jupiter.api.Test;

class FirstAvailableTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.firstAvailable();
    }

    @Override
    double[] shares(double[] weights) {
        return null;
    }

    @Override
    int mostDraws(int servers) {
        return 0;
    }

    @Test
    void theFirstServerThatIsNotDrainedGetsEverything() {
        try (Lab lab = Lab.of(0, 3, 9)) {
            assertThat(lab.counts(lab.picker(balancer()), 10)).containsExactly(0, 10, 0);
            assertThat(lab.index(balancer()
                            .picker(lab.candidates().subList(2, 3), null)
                            .pick(lab)))
                    .isEqualTo(2);
        }
    }
}
