package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.failsafe.RetryPolicy;
import io.lbclient.Outcome;
import io.lbclient.retry.RetryBudgets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.UnaryOperator;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Services that call services, each through a balanced client: how a failure at the bottom is not retried by all. */
@Timeout(120)
class LayersTest {
    private static final MockResponse RETRIED_ALREADY = new MockResponse.Builder()
            .code(503)
            .addHeader("X-Retried", "true")
            .body("busy below")
            .build();

    /** A server of the layer in the middle, which asks the one below. */
    private static void forwards(Backend middle, Cluster below, UnaryOperator<Request.Builder> onwards) {
        middle.answers((RecordedRequest request) -> {
            try (Response response = below.client
                    .newCall(onwards.apply(below.request("/below")).build())
                    .execute()) {
                return response.code() == 503 ? RETRIED_ALREADY : Backend.text(response.code(), "good");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static int hits(Cluster cluster) {
        return cluster.backends.stream().mapToInt(Backend::hits).sum();
    }

    private static Cluster failing() {
        Cluster below = Cluster.with(b -> b.retryBudget(RetryBudgets.unlimited()), Transport.H1, 3);
        below.backends.forEach(b -> b.answers(503, "busy"));
        return below;
    }

    private static RetryPolicy<Response> unlessRetried() {
        return RetryPolicy.<Response>builder()
                .handle(IOException.class)
                .handleResultIf(response -> response.code() == 503)
                .abortIf(response -> response.header("X-Retried") != null)
                .withMaxRetries(2)
                .build();
    }

    @Test
    @DisplayName("I1: without a budget, two layers that both retry send three times three attempts to the bottom")
    void layersMultiply() throws Exception {
        try (Cluster below = failing();
                Cluster above = Cluster.with(b -> b.retryBudget(RetryBudgets.unlimited()), Transport.H1, 3)) {
            above.backends.forEach(b -> forwards(b, below, request -> request));

            assertThat(above.get("/")).isEqualTo("busy below");
            assertThat(hits(below)).isEqualTo(9);
        }
    }

    @Test
    @DisplayName("I1: an answer that says that it was retried is not retried again, if the policy aborts on it")
    void anAnswerMaySaySo() throws Exception {
        try (Cluster below = failing();
                Cluster above = Cluster.with(b -> b.retryBudget(RetryBudgets.unlimited()), Transport.H1, 3)
                        .calls(c -> c.retry(unlessRetried()))) {
            above.backends.forEach(b -> forwards(b, below, request -> request));

            assertThat(above.get("/")).isEqualTo("busy below");
            assertThat(hits(above)).isEqualTo(1);
            assertThat(hits(below)).isEqualTo(3);
            // What has no such mark is retried.
            above.backend(0).answers(503, "busy here");
            above.backend(1).answers(200, "b");
            assertThat(above.get("/")).isEqualTo("b");
        }
    }

    @Test
    @DisplayName(
            "I1: a layer that tags what it passes on leaves the retries to the one above, but moves on where nothing listens")
    void aLayerMayLeaveItToTheOneAbove() throws Exception {
        try (Cluster below = Cluster.behind(Transport.H1, List.of(Ports.closed("closed")), busy());
                Cluster above = Cluster.with(b -> b.retryBudget(RetryBudgets.unlimited()), Transport.H1, 3)) {
            above.backends.forEach(b -> forwards(b, below, request -> request.tag(Repeatable.class, Repeatable.NO)));

            assertThat(above.get("/")).isEqualTo("busy below");
            assertThat(hits(above)).isEqualTo(3);
            below.awaitIdle();
            assertThat(below.outcomes())
                    .containsExactly(
                            Outcome.CONNECT_FAILURE,
                            Outcome.OVERLOADED,
                            Outcome.CONNECT_FAILURE,
                            Outcome.OVERLOADED,
                            Outcome.CONNECT_FAILURE,
                            Outcome.OVERLOADED);
        }
    }

    private static Backend busy() {
        return new Backend("busy", Transport.H1).answers(503, "busy");
    }
}
