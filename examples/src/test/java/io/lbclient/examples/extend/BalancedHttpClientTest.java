package io.lbclient.examples.extend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Balancer;
import io.lbclient.HealthState;
import io.lbclient.RetryBudget;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.test.FakeAnswer;
import io.lbclient.test.FakeServer;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.ManualScheduler;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class BalancedHttpClientTest {
    private final FakeServer first = FakeServer.start();
    private final FakeServer second = FakeServer.start();
    private final FakeTicker ticker = new FakeTicker();
    private final ManualScheduler scheduler = new ManualScheduler(ticker);
    private final Balancer inOrder = (candidates, previous) -> context -> candidates.get(0);
    private final ServerPool pool = ServerPool.builder("orders")
            .servers(first.server(), second.server())
            .balancer(inOrder)
            .ticker(ticker)
            .scheduler(scheduler)
            .build();
    private final BalancedHttpClient client = new BalancedHttpClient(HttpClient.newHttpClient(), pool);

    @AfterEach
    void stop() {
        pool.close();
        first.close();
        second.close();
    }

    @Test
    void aRequestGoesToTheServerThatWasPicked() throws Exception {
        second.answers(FakeAnswer.status(200).body("not picked"));
        first.answers(FakeAnswer.status(200).body("picked"));

        assertThat(get().body()).isEqualTo("picked");
        assertNothingIsInFlight();
    }

    @Test
    void whatWasNotSentGoesOnToAnotherServer() throws Exception {
        first.refuses();
        second.answers(FakeAnswer.status(200).body("went on"));

        assertThat(get().body()).isEqualTo("went on");
        assertThat(state(0)).isEqualTo(HealthState.EJECTED);
        assertNothingIsInFlight();
    }

    @Test
    void failuresAreTheServers() throws Exception {
        first.answers(FakeAnswer.status(500));

        for (int i = 0; i < 5; i++) {
            assertThat(get().statusCode()).isEqualTo(500);
        }

        assertThat(state(0)).isEqualTo(HealthState.EJECTED);
        assertThat(get().statusCode()).isEqualTo(200);
    }

    @Test
    void whatMayHaveBeenProcessedIsNotSentAgain() {
        first.resets();
        assertThatThrownBy(this::get).isInstanceOf(IOException.class);

        first.hangs();
        HttpRequest impatient = HttpRequest.newBuilder(request(), (name, value) -> true)
                .timeout(Duration.ofSeconds(1))
                .build();
        assertThatThrownBy(() -> client.send(impatient, HttpResponse.BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);

        assertThat(second.requests()).isZero();
        assertNothingIsInFlight();
    }

    @Test
    void withoutABudgetNothingGoesOn() {
        first.refuses();
        second.answers(FakeAnswer.status(200));
        ServerPool strict = ServerPool.builder("strict")
                .servers(first.server(), second.server())
                .balancer(inOrder)
                .retryBudget(RetryBudget.of(0, 0))
                .build();
        try (strict) {
            BalancedHttpClient careful = new BalancedHttpClient(HttpClient.newHttpClient(), strict);

            assertThatThrownBy(() -> careful.send(request(), HttpResponse.BodyHandlers.ofString()))
                    .isInstanceOf(ConnectException.class);
            assertThat(second.requests()).isZero();
        }
    }

    @Test
    void aServerMayHaveAnAddressOfIpVersion6() {
        try (ServerPool six =
                ServerPool.builder("six").servers(Server.of("::1", 1)).build()) {
            BalancedHttpClient other = new BalancedHttpClient(HttpClient.newHttpClient(), six);

            assertThatThrownBy(() -> other.send(request(), HttpResponse.BodyHandlers.ofString()))
                    .isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void anInterruptedCallerLeavesNothingInFlight() {
        first.hangs();
        Thread.currentThread().interrupt();

        assertThatThrownBy(this::get).isInstanceOf(InterruptedException.class);

        assertNothingIsInFlight();
    }

    private HttpResponse<String> get() throws IOException, InterruptedException {
        try {
            return client.send(request(), HttpResponse.BodyHandlers.ofString());
        } finally {
            scheduler.runDue();
        }
    }

    private static HttpRequest request() {
        return HttpRequest.newBuilder(URI.create("http://orders/api/items?page=1"))
                .timeout(Duration.ofSeconds(30))
                .build();
    }

    private HealthState state(int server) {
        return pool.snapshot().servers().get(server).state();
    }

    private void assertNothingIsInFlight() {
        assertThat(pool.snapshot().servers()).allMatch(server -> server.inFlight() == 0);
    }
}
