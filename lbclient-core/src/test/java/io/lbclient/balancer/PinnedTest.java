package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PinnedTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.pinned();
    }

    @Override
    double[] shares(double[] weights) {
        return null;
    }

    @Override
    int mostDraws(int servers) {
        return 1;
    }

    @Test
    void oneServerIsKeptWhileItMayBePickedAndNotReturnedToAfterwards() {
        try (Lab lab = Lab.equal(5)) {
            Balancer.Picker picker = lab.picker(balancer());
            Candidate pinned = picker.pick(lab);
            picker = balancer().picker(lab.candidates(), picker);
            assertThat(picker.pick(lab)).isSameAs(pinned);
            List<Candidate> others = new ArrayList<>(lab.candidates());
            others.remove(pinned);
            picker = balancer().picker(others, picker);
            Candidate second = picker.pick(lab);
            assertThat(second).isNotSameAs(pinned);
            picker = balancer().picker(lab.candidates(), picker);
            assertThat(lab.counts(picker, 20)[lab.index(second)]).isEqualTo(20);
        }
    }

    @Test
    void clientsArePinnedByWeight() {
        try (Lab lab = Lab.of(1, 3).seed(9)) {
            int[] counts = new int[2];
            for (int i = 0; i < 2000; i++) {
                counts[lab.index(lab.picker(balancer()).pick(lab))]++;
            }
            assertThat(ChiSquare.ofCritical(counts, new double[] {1, 3})).isLessThan(1);
        }
    }
}
