package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.grpc.CallOptions;
import io.grpc.LoadBalancer;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a pick costs in memory: the attempt, and what listens to its stream. */
class AllocationTest {
    /** An attempt and a tracer, each of a few dozen bytes. */
    private static final double MOST_BYTES = 160;

    @Test
    void aPickAllocatesItsAttemptAndItsTracerAndNothingElse() {
        GrpcOptions options = GrpcOptions.builder().joinDelay(Duration.ZERO).build();
        for (int size : new int[] {3, 100}) {
            try (Socketless channel = new Socketless(size, true, options)) {
                LoadBalancer.SubchannelPicker picker = channel.picker;
                assertThat(picker).isInstanceOf(PoolPicker.class);
                PickArgs call = new PickArgs(new GrpcCall(
                        GrpcOptions.defaults(),
                        new Guard("orders"),
                        new CallView(GrpcOptions.defaults(), Backend.UNARY, CallOptions.DEFAULT, null, null),
                        null));
                for (int i = 0; i < 50_000; i++) {
                    pick(picker, call);
                }
                double least = Double.MAX_VALUE;
                for (int round = 0; round < 5; round++) {
                    least = Math.min(least, bytesOf(picker, call));
                }
                assertThat(least).as("with %s servers", size).isBetween(1.0, MOST_BYTES);
            }
        }
    }

    private static double bytesOf(LoadBalancer.SubchannelPicker picker, PickArgs call) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int picks = 20_000;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < picks; i++) {
            pick(picker, call);
        }
        return (threads.getCurrentThreadAllocatedBytes() - before) / (double) picks;
    }

    /** Each pick gives back the one before, of which no stream was made. */
    private static void pick(LoadBalancer.SubchannelPicker picker, PickArgs call) {
        if (picker.pickSubchannel(call).getSubchannel() == null) {
            throw new AssertionError("nothing was picked");
        }
    }
}
