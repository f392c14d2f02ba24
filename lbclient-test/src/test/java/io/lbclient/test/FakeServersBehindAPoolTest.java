package io.lbclient.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.HealthState;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pool over real sockets, with a clock that the test moves. */
@Timeout(120)
class FakeServersBehindAPoolTest {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final FakeTicker ticker = new FakeTicker();
    private final ManualScheduler scheduler = new ManualScheduler(ticker);

    private ServerPool poolOf(FakeServer one, FakeServer other) {
        return ServerPool.builder("orders")
                .servers(one.server(), other.server())
                .ticker(ticker)
                .scheduler(scheduler)
                .seed(1)
                .build();
    }

    private int send(Server server) throws IOException, InterruptedException {
        URI uri = URI.create("http://" + server.host() + ":" + server.port() + "/");
        HttpRequest request =
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    /** Tries once more elsewhere. */
    private int get(ServerPool pool) throws InterruptedException {
        try (Attempt attempt = pool.pick()) {
            int status = send(attempt);
            if (status < 500) {
                return status;
            }
            try (Attempt other = attempt.another()) {
                return send(other);
            }
        }
    }

    /** The status, or 599 if no connection came about. */
    private int send(Attempt attempt) throws InterruptedException {
        try {
            int status = send(attempt.server());
            attempt.complete(status < 500 ? Outcome.SUCCESS : Outcome.FAILURE);
            return status;
        } catch (IOException e) {
            attempt.complete(Outcome.CONNECT_FAILURE);
            return 599;
        }
    }

    private static HealthState state(ServerPool pool, FakeServer server) {
        return pool.snapshot().servers().stream()
                .filter(each -> each.server().equals(server.server()))
                .findFirst()
                .orElseThrow()
                .state();
    }

    @Test
    void aServerThatRefusesIsEjectedAndComesBackAfterItsRestart() throws InterruptedException {
        try (FakeServer one = FakeServer.start();
                FakeServer other = FakeServer.start();
                ServerPool pool = poolOf(one, other)) {
            one.refuses();
            for (int i = 0; i < 20; i++) {
                assertThat(get(pool)).isEqualTo(200);
                scheduler.runDue();
            }
            assertThat(state(pool, one)).isEqualTo(HealthState.EJECTED);
            assertThat(other.requests()).isEqualTo(20);

            one.restart();
            scheduler.advance(Duration.ofSeconds(2));
            assertThat(get(pool)).isEqualTo(200);
            scheduler.runDue();

            assertThat(state(pool, one)).isEqualTo(HealthState.HEALTHY);
            assertThat(one.requests()).isEqualTo(1);
        }
    }

    @Test
    void aServerThatAnswersWithErrorsCostsNoRequestAsLongAsAnotherAnswers() throws InterruptedException {
        try (FakeServer one = FakeServer.start();
                FakeServer other = FakeServer.start();
                ServerPool pool = poolOf(one, other)) {
            one.answers(FakeAnswer.status(500));
            for (int i = 0; i < 20; i++) {
                assertThat(get(pool)).isEqualTo(200);
                scheduler.runDue();
            }
            assertThat(one.requests()).isLessThan(20);
            assertThat(other.requests()).isEqualTo(20);
        }
    }
}
