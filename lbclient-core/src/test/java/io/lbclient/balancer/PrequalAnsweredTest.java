package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.lbclient.Balancer;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** With a prober that answers at once and truly, on the path of the pick. */
class PrequalAnsweredTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.prequal((server, reply) ->
                reply.answer(server.inFlight(), 1_000_000 + server.server().port()));
    }

    /** Answers decide, not weights. */
    @Override
    double[] shares(double[] weights) {
        return null;
    }

    /** Each of three answers may have its budget drawn. */
    @Override
    int mostDraws(int servers) {
        return 8;
    }

    /** What allocates is each answer, which here comes within the pick: three of them. */
    @Override
    @Test
    void aPickAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Lab lab = Lab.of(Pattern.SKEWED.weights(200))) {
            Balancer.Picker picker = lab.picker(balancer());
            lab.counts(picker, 20_000);
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 100_000; i++) {
                picker.pick(lab);
            }
            long bytes = (threads.getCurrentThreadAllocatedBytes() - before) / 100_000;
            assertThat(bytes).isBetween(1L, 3 * 48L);
        }
    }
}
