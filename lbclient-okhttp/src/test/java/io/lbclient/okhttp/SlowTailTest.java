package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.balancer.Balancers;
import io.lbclient.retry.Hedge;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import mockwebserver3.MockResponse;
import okhttp3.Response;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Servers that add a second to one request in fifty. How fast the machine is must not matter, so time passes on a clock
 * that the servers set, and what is counted is who was caught by the second; the demonstration measures.
 */
@Timeout(120)
class SlowTailTest {
    private static final int CALLS = 600;
    private static final Duration USUAL = Duration.ofMillis(5);
    private static final Duration SLOW = Duration.ofSeconds(1);

    @Test
    @DisplayName(
            "a slow tail: with hedging at the p95 fewer than one call in a hundred waits for it, for at most 5 % more requests")
    void hedgingCutsTheTail() throws Exception {
        AtomicLong clock = new AtomicLong();
        AtomicInteger sent = new AtomicInteger();
        try (Cluster cluster = Cluster.with(
                        b -> b.balancer(Balancers.roundRobin()).ticker(clock::get), Transport.H1, 4)
                .calls(c -> c.hedge(Hedge.afterP95()))) {
            cluster.backends.forEach(b -> b.answers(request -> {
                boolean slow = sent.incrementAndGet() % 50 == 0;
                clock.addAndGet((slow ? SLOW : USUAL).toNanos());
                MockResponse.Builder answer = new MockResponse.Builder().addHeader("X-Slow", slow);
                // In real time too, so that the caller gets it unless the hedge is faster.
                return slow ? answer.headersDelay(1, TimeUnit.SECONDS).build() : answer.build();
            }));
            int waited = 0;
            for (int i = 0; i < CALLS; i++) {
                try (Response response = cluster.call("/").execute()) {
                    waited += "true".equals(response.header("X-Slow")) ? 1 : 0;
                }
            }
            cluster.awaitIdle();
            assertThat(sent.get())
                    .as("requests for " + CALLS + " calls")
                    .isBetween(CALLS + CALLS / 100, CALLS * 105 / 100);
            assertThat(waited).as("calls that waited for the second").isLessThan(CALLS / 100);
        }
    }
}
