package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.failsafe.RetryPolicy;
import io.lbclient.RetryBudget;
import io.lbclient.retry.PerTryTimeout;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Response;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A timeout for each try. */
@Timeout(120)
class PerTryTimeoutTest {
    @Test
    @DisplayName("I15: a server that takes requests and never answers costs a per-try timeout, and is judged by it")
    void perTryTimeoutMovesOn() throws Exception {
        Duration time = Duration.ofMillis(50);
        AtomicLong clock = new AtomicLong();
        RetryPolicy<Response> atOnce =
                RetryPolicy.<Response>builder().handle(IOException.class).build();
        try (Cluster cluster = Cluster.with(b -> b.ticker(clock::get), Transport.H2, 2)
                .calls(c -> c.retry(atOnce).perTryTimeout(PerTryTimeout.of(time)))) {
            cluster.backend(0).answers(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE));
            for (int i = 1; i <= 3; i++) {
                CompletableFuture<String> answer = Enqueued.text(cluster.call("/"));
                int asked = i;
                Await.until("a has the request", () -> cluster.backend(0).hits() == asked);
                clock.addAndGet(time.toNanos());
                assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("b");
            }
            cluster.awaitIdle();
            assertThat(cluster.trail())
                    .containsExactly("a TIMEOUT", "b SUCCESS", "a TIMEOUT", "b SUCCESS", "a TIMEOUT", "b SUCCESS");
        }
    }

    @Test
    @DisplayName("a timeout that cannot be paid for cuts nothing short: the attempt goes on")
    void perTryTimeoutCountsAgainstTheBudget() throws Exception {
        try (Cluster cluster = Cluster.with(b -> b.retryBudget(RetryBudget.of(0, 0)), Transport.H1, 2)
                .calls(c -> c.perTryTimeout(PerTryTimeout.of(Duration.ofMillis(1))))) {
            AtomicInteger requests = new AtomicInteger();
            CountDownLatch never = new CountDownLatch(1);
            cluster.backend(0).answers(request -> {
                requests.incrementAndGet();
                try {
                    never.await(100, TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return Backend.text(200, "a, late");
            });
            assertThat(cluster.get("/")).isEqualTo("a, late");
            assertThat(requests).hasValue(1);
            assertThat(cluster.backend(1).hits()).isZero();
        }
    }
}
