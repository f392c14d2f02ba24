package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Deadline;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whatever happens to calls, they are not in flight when they are over. */
class SoakTest {
    private static final int CALLS = 16_000;
    private static final int BURST = 500;

    @Test
    void sixteenThousandCancelledDeadlinedAndBufferedCallsLeaveNothingInFlight() {
        Random random = new Random(7);
        try (Cluster cluster = Cluster.of(2, builder -> builder)) {
            cluster.awaitAnswersOf("a", "b");
            for (int done = 0; done < CALLS; done += BURST) {
                // Nobody can be picked, so the calls wait, and their end comes while the picks begin again.
                cluster.pool.drain("a");
                cluster.pool.drain("b");
                burst(cluster, random);
            }
            cluster.awaitIdle();
            assertThat(cluster.pool.snapshot().servers())
                    .allSatisfy(server -> assertThat(server.inFlight()).isZero());
            cluster.pool.resume("a");
            cluster.pool.resume("b");
            cluster.awaitAnswersOf("a", "b");
        }
    }

    private static void burst(Cluster cluster, Random random) {
        Deadline together = Deadline.after(20, TimeUnit.MILLISECONDS);
        List<Running> calls = new ArrayList<>();
        for (int i = 0; i < BURST; i++) {
            CallOptions options = CallOptions.DEFAULT.withWaitForReady();
            boolean hangs = random.nextInt(4) == 0;
            calls.add(cluster.begin(
                    hangs ? Backend.STREAM : Backend.UNARY,
                    random.nextBoolean()
                            ? options.withDeadline(together)
                            : options.withDeadlineAfter(10 + random.nextInt(20), TimeUnit.MILLISECONDS)));
        }
        Thread cancels = new Thread(() -> {
            for (int i = 0; i < BURST; i += 3) {
                calls.get(i).call.cancel("enough", null);
            }
        });
        cancels.start();
        Await.until("the deadline is near", () -> together.timeRemaining(TimeUnit.MILLISECONDS) < 5);
        cluster.pool.resume("a");
        cluster.pool.resume("b");
        calls.forEach(Running::await);
        try {
            cancels.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
