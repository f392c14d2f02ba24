package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import io.lbclient.balancer.Balancers;
import java.lang.management.ManagementFactory;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A request costs the one object that a pick returns, with the default detector on. */
class AllocationTest {
    private static final int OPERATIONS = 1_000_000;
    private static final RequestView REQUEST = new RequestView() {};

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    // Kept, so that the compiler cannot leave the object out.
    private volatile Object kept = "";

    static Stream<Arguments> strategies() {
        return Stream.of(
                Arguments.of("adaptive", Balancers.adaptive()),
                Arguments.of("round robin", Balancers.roundRobin()),
                Arguments.of("random", Balancers.random()),
                Arguments.of("least requests", Balancers.leastRequests()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("strategies")
    void aPickAndItsCompletionAllocateTheAttemptAndNothingElse(String name, Balancer strategy) {
        assumeThat(threads.isThreadAllocatedMemorySupported()).isTrue();
        ServerPool pool = ServerPool.builder("allocation")
                .balancer(strategy)
                .servers(PoolFixture.servers(10))
                .build();
        PoolView view = pool.view(server -> true);
        double one = bytesPer(() -> new Attempt(view, REQUEST, null, 0));
        double unknown = bytesPer(() -> answered(pool.pick()));
        double known = bytesPer(() -> answered(pool.pick(REQUEST)));
        System.out.printf("%s: %.2f B/op, with a request %.2f; an attempt is %.2f B%n", name, unknown, known, one);

        // A hundredth for what the JVM itself may do on this thread.
        assertThat(one).isBetween(16.0, 64.0);
        assertThat(unknown).isLessThanOrEqualTo(one * 1.01);
        assertThat(known).isLessThanOrEqualTo(one * 1.01);
    }

    private static Attempt answered(Attempt attempt) {
        attempt.answered();
        attempt.complete(Outcome.SUCCESS);
        return attempt;
    }

    private double bytesPer(Supplier<Object> operation) {
        run(operation, OPERATIONS / 4);
        long before = threads.getCurrentThreadAllocatedBytes();
        run(operation, OPERATIONS);
        return 1.0 * (threads.getCurrentThreadAllocatedBytes() - before) / OPERATIONS;
    }

    private void run(Supplier<Object> operation, int times) {
        for (int i = 0; i < times; i++) {
            kept = operation.get();
        }
        assertThat(kept).isNotNull();
    }
}
