package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.failsafe.Fallback;
import dev.failsafe.RetryPolicy;
import dev.failsafe.function.CheckedSupplier;
import io.lbclient.Outcome;
import io.lbclient.RetryBudget;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Policies, budget, deadlines, classifying and falling back. */
@Timeout(120)
class ResilienceTest {
    private static final MockResponse.Builder SILENT =
            new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE);

    // Policies

    @Test
    @DisplayName("a Failsafe policy of the user's says what is retried, and how often")
    void usersPolicy() throws Exception {
        AtomicInteger retries = new AtomicInteger();
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 5)
                .calls(c -> c.retry(RetryPolicy.<Response>builder()
                        .handleResultIf(r -> r.code() == 500)
                        .abortIf(r -> r.header("X-Final") != null)
                        .withMaxRetries(3)
                        .onFailedAttempt(e -> retries.incrementAndGet())
                        .build()))) {
            for (int i = 0; i < 3; i++) {
                cluster.backend(i).answers(500, "broken");
            }
            assertThat(cluster.get("/")).isEqualTo("d");
            assertThat(retries).hasValue(3);
            cluster.backend(3).answers(500, "the fourth");
            assertThat(cluster.get("/")).isEqualTo("the fourth");
            cluster.backend(0)
                    .answers(new MockResponse.Builder()
                            .code(500)
                            .addHeader("X-Final", "1")
                            .body("final"));
            assertThat(cluster.get("/")).isEqualTo("final");
            cluster.backend(0).answers(503, "not in this policy");
            assertThat(cluster.get("/")).isEqualTo("not in this policy");
            cluster.awaitIdle();
        }
    }

    @Test
    @DisplayName("with one server left, a retry goes back to it after its delay, and a body is never left open")
    void sameServerWhenThereIsNoOther() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (LeakLog log = new LeakLog();
                Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            cluster.backend(0).answers(request -> Backend.text(asked.incrementAndGet() < 3 ? 503 : 200, "x" + asked));
            assertThat(cluster.get("/")).isEqualTo("x3");
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactly("a OVERLOADED", "a OVERLOADED", "a SUCCESS");
            cluster.awaitIdleConnections();
            assertThat(log.leaks).isEmpty();
        }
    }

    @Test
    @DisplayName("a cancel ends the pause before a retry at once")
    void cancelDuringPause() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)
                .calls(c -> c.retry(RetryPolicy.<Response>builder()
                        .handleResultIf(r -> r.code() == 503)
                        .withDelay(Duration.ofSeconds(9))
                        .build()))) {
            cluster.backend(0).answers(503, "busy");
            Call call = cluster.call("/");
            CompletableFuture<IOException> failed = Enqueued.failure(call);
            Await.until("the answer is there, and no longer in flight", () -> cluster.endings.size() == 1);
            call.cancel();
            assertThat(failed.get(5, TimeUnit.SECONDS)).hasMessage("Canceled");
            assertThat(cluster.backend(0).hits()).isEqualTo(1);
            assertThat(cluster.inFlight()).isZero();
        }
    }

    @Test
    @DisplayName("a cancel just before the pause begins ends it as well")
    void cancelBeforePause() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            cluster.calls(c -> c.retry(RetryPolicy.<Response>builder()
                    .handleResultIf(r -> r.code() == 503)
                    .withDelay(Duration.ofSeconds(9))
                    .onFailedAttempt(e -> cluster.client.dispatcher().cancelAll())
                    .build()));
            cluster.backend(0).answers(503, "busy");
            assertThat(Enqueued.failure(cluster.call("/")).get(5, TimeUnit.SECONDS))
                    .hasMessage("Canceled");
        }
    }

    // Retry-After

    @Test
    @DisplayName("Retry-After is honoured by who goes back to the server, and within the call's deadline")
    void retryAfter() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        AtomicReference<String> wait = new AtomicReference<>("1");
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            cluster.backend(0)
                    .answers(request -> asked.incrementAndGet() == 1
                            ? new MockResponse.Builder()
                                    .code(503)
                                    .addHeader("Retry-After", wait.get())
                                    .build()
                            : Backend.text(200, "well again"));
            assertThat(cluster.get("/")).isEqualTo("well again");

            asked.set(0);
            wait.set("9");
            cluster.client(c -> c.callTimeout(8, TimeUnit.SECONDS));
            try (Response response = cluster.call("/").execute()) {
                assertThat(response.code())
                        .as("there is no time to wait for that")
                        .isEqualTo(503);
            }
        }
    }

    @Test
    @DisplayName("whoever goes to another server need not wait for the one that asked to be left alone")
    void retryAfterElsewhere() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 2)) {
            cluster.client(c -> c.callTimeout(20, TimeUnit.SECONDS));
            cluster.backend(0).answers(new MockResponse.Builder().code(429).addHeader("Retry-After", "3600"));
            assertThat(cluster.get("/")).isEqualTo("b");
        }
    }

    @Test
    @DisplayName("a date in Retry-After counts from the answer's own date")
    void retryAfterDate() {
        Response.Builder answer = new Response.Builder()
                .request(new Request.Builder().url("http://orders.test/").build())
                .protocol(Protocol.HTTP_1_1)
                .code(503)
                .message("");
        assertThat(RetryAfter.of(
                        null,
                        answer.header("Date", "Tue, 24 Nov 2026 12:00:00 GMT")
                                .header("Retry-After", "Tue, 24 Nov 2026 12:01:30 GMT")
                                .build()))
                .isEqualTo(Duration.ofSeconds(90));
        assertThat(RetryAfter.of("7", answer.build())).isEqualTo(Duration.ofSeconds(7));
        for (String nonsense : List.of("-1", "soon", "1.5")) {
            assertThat(RetryAfter.of(
                            null, answer.header("Retry-After", nonsense).build()))
                    .as(nonsense)
                    .isNull();
        }
    }

    // Budget

    @Test
    @DisplayName("I1: in a total outage the servers see little more than what callers ask for")
    void outageIsNotMultiplied() throws Exception {
        try (Cluster cluster = Cluster.with(b -> b.retryBudget(RetryBudget.of(0.1, 0)), Transport.H1, 3)) {
            cluster.backends.forEach(b -> b.answers(503, "down"));
            for (int i = 0; i < 150; i++) {
                assertThat(cluster.get("/")).isEqualTo("down");
            }
            assertThat(cluster.endings.size()).isBetween(155, 165);
        }
    }

    @Test
    @DisplayName(
            "failovers are paid for too: with every connection refused, attempts are bounded, and the error says why")
    void failoversArePaidFor() throws Exception {
        try (Cluster cluster = Cluster.with(
                b -> {
                    try {
                        return b.retryBudget(RetryBudget.of(0.1, 0))
                                .servers(Ports.closed("x"), Ports.closed("y"), Ports.closed("z"));
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                },
                Transport.H1,
                0)) {
            for (int i = 0; i < 200; i++) {
                assertThatThrownBy(() -> cluster.get("/")).isInstanceOf(IOException.class);
            }
            assertThat(cluster.endings.size()).isBetween(210, 220);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 3; i++) {
                            cluster.get("/");
                        }
                    })
                    .hasMessageContaining("; the retry budget is used up: ");
        }
    }

    @Test
    @DisplayName("two interceptors over one pool share its budget")
    void oneBudgetForAPool() throws Exception {
        try (Cluster cluster = Cluster.with(b -> b.retryBudget(RetryBudget.of(0.6, 0)), Transport.H1, 2)) {
            cluster.backend(0).answers(503, "busy");
            assertThat(cluster.get("/1")).isEqualTo("busy");
            cluster.calls(c -> c);
            assertThat(cluster.get("/2"))
                    .as("the rest of it comes from the other's request")
                    .isEqualTo("b");
            assertThat(cluster.get("/3")).isEqualTo("busy");
        }
    }

    // Errors

    @Test
    @DisplayName("the last failure is thrown with the pool, the attempts and the servers in its message")
    void errorsNameWhatWasTried() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 3)) {
            cluster.impatientWith(cluster.backend(2), Duration.ofMillis(100));
            cluster.backend(0).answers(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()));
            cluster.backend(1).answers(503, "busy");
            cluster.backend(2).answers(SILENT);
            assertThatThrownBy(() -> cluster.get("/"))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageStartingWith("orders.test: 3 attempts failed, at a, b, c: ")
                    .hasCauseInstanceOf(SocketTimeoutException.class)
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
            assertThatThrownBy(() -> Cluster.text(cluster.post("/", "body")))
                    .hasMessageStartingWith("orders.test: 1 attempt failed, at a: ");
        }
    }

    // Classifying and falling back

    @Test
    @DisplayName("I4: an empty 200 is a failure if the user says so: counted, retried, and the server is judged by it")
    void emptyAnswersAreFailures() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 2)
                .calls(c -> c.classifier(response -> {
                    try {
                        return response.peekBody(1).bytes().length == 0 ? Outcome.FAILURE : Outcome.SUCCESS;
                    } catch (IOException e) {
                        return Outcome.FAILURE;
                    }
                }))) {
            cluster.backend(0).answers(200, "");
            for (int i = 0; i < 20; i++) {
                assertThat(cluster.get("/")).isEqualTo("b");
            }
            cluster.awaitIdle();
            assertThat(cluster.outcomes().stream().filter(o -> o == Outcome.FAILURE))
                    .hasSize(20);
        }
    }

    @Test
    @DisplayName("a classifier that throws ends its call only, and leaves nothing open")
    void classifierThrows() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)
                .calls(c -> c.classifier(response -> {
                    throw new IllegalStateException("mine");
                }))) {
            assertThatThrownBy(() -> cluster.get("/")).hasMessage("mine");
            cluster.awaitIdle();
            assertThat(cluster.outcomes()).containsExactly(Outcome.CANCELLED);
        }
    }

    @Test
    @DisplayName("a Failsafe fallback answers when all has failed, and what it replaces is closed")
    void fallback() throws Exception {
        Fallback<Response> cached = Fallback.<Response>builder((CheckedSupplier<Response>) () -> new Response.Builder()
                        .request(
                                new Request.Builder().url("http://orders.test/").build())
                        .protocol(Protocol.HTTP_1_1)
                        .code(200)
                        .message("stale")
                        .body(ResponseBody.create("from yesterday", (MediaType) null))
                        .build())
                .handle(IOException.class)
                .handleResultIf(response -> response.code() == 503)
                .build();
        try (LeakLog log = new LeakLog();
                Cluster cluster = Cluster.inOrder(Transport.H1, 2).calls(c -> c.fallback(cached))) {
            assertThat(cluster.get("/")).isEqualTo("a");
            cluster.backends.forEach(b -> b.answers(503, "busy"));
            assertThat(cluster.get("/")).isEqualTo("from yesterday");
            cluster.backends.forEach(
                    b -> b.answers(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket())));
            assertThat(cluster.get("/")).isEqualTo("from yesterday");
            cluster.awaitIdle();
            cluster.awaitIdleConnections();
            assertThat(log.leaks).isEmpty();
        }
    }

    @Test
    @DisplayName("a fallback for something else leaves failures as they are")
    void fallbackForSomethingElse() throws Exception {
        Fallback<Response> other = Fallback.<Response>builder((CheckedSupplier<Response>) () -> {
                    throw new AssertionError("not for this");
                })
                .handle(IllegalArgumentException.class)
                .build();
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1).calls(c -> c.fallback(other))) {
            cluster.backend(0).answers(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()));
            assertThatThrownBy(() -> cluster.get("/"))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("orders.test: 3 attempts failed");
        }
    }
}
