package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.balancer.Balancers;
import io.lbclient.retry.Hedge;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import okhttp3.Response;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Servers that add a second to one request in fifty. How fast the others are is the machine's affair, so what is counted
 * is who was caught by the second, not what a clock shows; the demonstration measures.
 */
@Timeout(120)
class SlowTailTest {
    private static final int CALLS = 3000;

    @Test
    @DisplayName(
            "a slow tail: with hedging at the p95 fewer than one call in a hundred waits for it, for at most 5 % more requests")
    void hedgingCutsTheTail() throws Exception {
        AtomicInteger sent = new AtomicInteger();
        try (Cluster cluster =
                Cluster.of(Transport.H1, Balancers.roundRobin(), 4).calls(c -> c.hedge(Hedge.afterP95()))) {
            cluster.backends.forEach(b -> b.answers(request -> {
                boolean slow = sent.incrementAndGet() % 50 == 0;
                MockResponse.Builder answer = new MockResponse.Builder().addHeader("X-Slow", slow);
                return slow ? answer.headersDelay(1, TimeUnit.SECONDS).build() : answer.build();
            }));
            AtomicInteger waited = new AtomicInteger();
            Callers.make(CALLS, 8, number -> {
                try (Response response = cluster.call("/").execute()) {
                    if ("true".equals(response.header("X-Slow"))) {
                        waited.incrementAndGet();
                    }
                }
            });
            cluster.awaitIdle();
            assertThat(sent.get()).as("requests for " + CALLS + " calls").isLessThanOrEqualTo(CALLS * 105 / 100);
            assertThat(waited.get()).as("calls that waited for the second").isLessThan(CALLS / 100);
        }
    }
}
