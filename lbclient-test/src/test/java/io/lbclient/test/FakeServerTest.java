package io.lbclient.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class FakeServerTest {
    private static final Duration SOON = Duration.ofMillis(200);

    private final FakeServer server = FakeServer.start();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(30))
            .build();

    @AfterEach
    void close() {
        server.close();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(server.uri(path)).timeout(Duration.ofSeconds(30));
    }

    private HttpResponse<String> get() throws IOException, InterruptedException {
        return send(to("/").build());
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void itAnswersWhatItIsToldToAnswerFromThenOn() throws IOException, InterruptedException {
        assertThat(get().statusCode()).isEqualTo(200);

        server.answers(FakeAnswer.status(503).body("zu viel für mich").header("retry-after", "7"));
        HttpResponse<String> answer = get();

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("zu viel für mich");
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("7");
        assertThat(server.requests()).isEqualTo(2);
    }

    @Test
    void oneConnectionServesManyRequestsWithBodiesOfEitherKind() throws IOException, InterruptedException {
        for (int i = 0; i < 5; i++) {
            String body = "x".repeat(1 + 20_000 * i);
            assertThat(send(to("/a").POST(HttpRequest.BodyPublishers.ofString(body))
                                    .build())
                            .statusCode())
                    .isEqualTo(200);
            // Of unknown length, so it is sent in chunks.
            HttpRequest.BodyPublisher chunked =
                    HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofString(body));
            assertThat(send(to("/b").POST(chunked).build()).statusCode()).isEqualTo(200);
        }

        assertThat(server.requests()).isEqualTo(10);
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void aDelayedAnswerComesButNotBefore() throws IOException, InterruptedException {
        server.answers(FakeAnswer.status(200).after(Duration.ofSeconds(60)));
        assertThatThrownBy(() -> send(to("/").timeout(SOON).build())).isInstanceOf(HttpTimeoutException.class);

        server.answers(FakeAnswer.status(204).after(Duration.ofMillis(1)));
        assertThat(get().statusCode()).isEqualTo(204);
    }

    /** Sends a request, and returns when the server has it. */
    private CompletableFuture<HttpResponse<String>> takenBy(FakeServer hanging) {
        CompletableFuture<HttpResponse<String>> answer =
                client.sendAsync(to("/").timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofString());
        while (hanging.requests() == 0 && !answer.isDone()) {
            Thread.onSpinWait();
        }
        return answer;
    }

    @Test
    void whatHangsIsTakenAndNeverAnswered() {
        server.hangs();

        CompletableFuture<HttpResponse<String>> answer = takenBy(server);

        assertThatThrownBy(() -> answer.get(SOON.toMillis(), TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
        assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void whatHangsIsBrokenOffWhenTheServerCloses() {
        server.hangs();
        CompletableFuture<HttpResponse<String>> answer = takenBy(server);

        server.close();

        assertThatThrownBy(() -> answer.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class);
    }

    @Test
    void aResetIsAnErrorWithoutAnAnswer() {
        server.resets();

        assertThatThrownBy(this::get).isInstanceOf(IOException.class);
        assertThat(server.requests()).isPositive();
    }

    @Test
    void whileItRefusesNoConnectionComesAboutAndARestartIsOnTheSamePort() throws IOException, InterruptedException {
        int port = server.port();
        server.answers(FakeAnswer.status(503));
        get();

        server.refuses();
        assertThatThrownBy(this::get).isInstanceOf(ConnectException.class);

        server.restart();
        assertThat(get().statusCode()).isEqualTo(200);
        assertThat(server.port()).isEqualTo(port);
        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void badSettingsAreRejected() {
        assertThatThrownBy(() -> FakeAnswer.status(99)).hasMessage("status: 99 (expected: 100 to 599)");
        assertThatThrownBy(() -> FakeAnswer.status(200).after(Duration.ofMillis(-1)))
                .hasMessage("delay: PT-0.001S (expected: >= 0)");
    }
}
