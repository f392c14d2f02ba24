package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.ServerPool;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import mockwebserver3.MockResponse;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that says when to come back is left alone until then, as long as another one is there. */
@Timeout(120)
class RetryAfterTest {
    private static final Instant NOW = Instant.parse("2026-03-01T11:59:30Z");

    private final AtomicLong nanos = new AtomicLong(-5);
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Backend> backends = new ArrayList<>();
    private ServerPool pool;
    private OkHttpClient client = new OkHttpClient();

    private void start(Transport transport, int servers) {
        backends.addAll(List.of(Cluster.backends(transport, servers)));
        open.addAll(backends);
        ServerPool built = ServerPool.builder(Transport.SERVICE)
                .servers(backends.stream().map(Backend::asServer).toList())
                .balancer(Cluster.IN_ORDER)
                .healthMonitors()
                .ticker(nanos::get)
                .wallClock(() -> NOW)
                .build();
        open.add(built);
        pool = built;
        client = transport
                .client()
                .addInterceptor(LoadBalancingInterceptor.of(built))
                .build();
        open.add(client.connectionPool()::evictAll);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private String get(Transport transport) throws IOException {
        Request request = new Request.Builder()
                .url(transport.scheme + "://" + Transport.SERVICE + "/")
                .build();
        try (Response response = client.newCall(request).execute()) {
            return response.body().string();
        }
    }

    private static MockResponse.Builder answer(int code, String retryAfter) {
        return new MockResponse.Builder()
                .code(code)
                .addHeader("Retry-After", retryAfter)
                .body("not now");
    }

    private void advance(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** Lets the first server answer so once, and then as usual. */
    private void asksOnce(Transport transport, MockResponse.Builder answer) throws IOException {
        backends.get(0).answers(answer);
        assertThat(get(transport)).as("a is tried, and then b").isEqualTo("b");
        assertThat(backends.get(0).hits()).isEqualTo(1);
        backends.get(0).answers(200, "a");
    }

    @ParameterizedTest(name = "[{0}] {1} with Retry-After: {2} is out for {3} s")
    @CsvSource({
        "H1,  503, 30, 30",
        "H1,  429, 30, 30",
        "H1,  503, 0030, 30",
        "H2,  503, 30, 30",
        "H2C, 429, 7, 7",
        "H1,  503, 'Sun, 01 Mar 2026 12:00:00 GMT', 30",
        "H2,  429, 'Sun, 01 Mar 2026 12:00:00 GMT', 30",
        "H1,  429, 'Sunday, 01-Mar-26 12:00:00 GMT', 30",
        "H1,  503, 'Sun Mar  1 12:00:00 2026', 30",
        // Longer than the pool honours.
        "H1,  503, 86400, 300",
        "H1,  429, 99999999999999999999999999, 300",
        "H1,  503, 'Mon, 01 Mar 2027 12:00:00 GMT', 300"
    })
    void theServerIsLeftAloneUntilThen(Transport transport, int code, String value, int seconds) throws Exception {
        start(transport, 2);
        asksOnce(transport, answer(code, value));

        advance(Duration.ofSeconds(seconds).minusMillis(1));
        assertThat(get(transport)).isEqualTo("b");
        assertThat(backends.get(0).hits()).isEqualTo(1);

        advance(Duration.ofMillis(2));
        assertThat(get(transport)).isEqualTo("a");
    }

    @Test
    @DisplayName("OkHttp cannot read a count of seconds past an int on a 503, and so is not shown it")
    void aCountOfSecondsPastAnIntIsNoError() throws Exception {
        start(Transport.H1, 2);
        LoadBalancingInterceptor balancing =
                (LoadBalancingInterceptor) client.interceptors().get(0);
        client = balancing.install(Transport.H1.client().build());
        asksOnce(Transport.H1, answer(503, "4294967296"));
        assertThat(get(Transport.H1)).isEqualTo("b");
    }

    @ParameterizedTest(name = "Retry-After: {0}")
    @ValueSource(
            strings = {
                "0",
                "-1",
                "+30",
                "1.5",
                "30s",
                "0x1e",
                "soon",
                "Sun, 01 Mar 2026 12:00:00 GMT, 30",
                "Sun, 01 Mar 2026 11:59:00 GMT",
                "Mon, 01 Mar 2026 12:00:00 GMT",
                "Sun, 1 Mar 2026 12:00:00 +0000",
                "Sun, 06 Nov 1594 08:49:37 GMT"
            })
    void whatIsNeitherSecondsNorADateToComeIsIgnored(String value) throws Exception {
        start(Transport.H1, 2);
        backends.get(0).answers(answer(429, value));
        assertThat(get(Transport.H1)).isEqualTo("b");
        backends.get(0).answers(200, "a");
        assertThat(get(Transport.H1)).isEqualTo("a");
    }

    @ParameterizedTest(name = "status {0}")
    @ValueSource(ints = {200, 301, 404, 413, 500, 502, 504})
    void otherAnswersDoNotPushBack(int code) throws Exception {
        start(Transport.H1, 2);
        backends.get(0).answers(answer(code, "30"));
        get(Transport.H1);
        backends.get(0).answers(200, "a");
        assertThat(get(Transport.H1)).isEqualTo("a");
    }

    @ParameterizedTest(name = "[{0}]")
    @EnumSource(names = {"H1", "H2"})
    void whereARedirectLeadsIsNotTheServerPicked(Transport transport) throws Exception {
        start(transport, 2);
        try (Backend elsewhere = new Backend("elsewhere", Transport.H1)) {
            elsewhere.answers(answer(429, "30"));
            backends.get(0)
                    .answers(new MockResponse.Builder()
                            .code(302)
                            .addHeader("Location", "http://127.0.0.1:" + elsewhere.port() + "/"));
            assertThat(get(transport)).isEqualTo("not now");
            assertThat(elsewhere.hits()).isEqualTo(1);
            backends.get(0).answers(200, "a");
            assertThat(get(transport)).isEqualTo("a");
        }
    }

    @Test
    void anAnswerThatTheNetworkDidNotGiveSaysNothing() throws Exception {
        start(Transport.H1, 2);
        // As a cache would give it: OkHttp's keeps neither a 503 nor a 429.
        boolean[] kept = {true};
        client = client.newBuilder()
                .addInterceptor(chain -> {
                    Response response = chain.proceed(chain.request());
                    return !kept[0]
                            ? response
                            : response.newBuilder()
                                    .code(503)
                                    .header("Retry-After", "30")
                                    .networkResponse(null)
                                    .build();
                })
                .build();
        assertThat(get(Transport.H1)).isEqualTo("a");
        kept[0] = false;
        assertThat(get(Transport.H1)).isEqualTo("a");
        assertThat(backends.get(0).hits()).isEqualTo(2);
    }

    @ParameterizedTest(name = "[{0}]")
    @EnumSource(names = {"H1", "H2"})
    void whenAllServersAskToBeLeftAloneOneIsStillPicked(Transport transport) throws Exception {
        start(transport, 3);
        backends.forEach(backend -> backend.answers(answer(503, "60")));
        assertThat(get(transport)).as("all three have been asked").isEqualTo("not now");
        assertThat(backends).allSatisfy(backend -> assertThat(backend.hits()).isEqualTo(1));

        backends.forEach(backend -> backend.answers(200, backend.name));
        for (int i = 0; i < 10; i++) {
            assertThat(get(transport)).isIn("a", "b", "c");
        }
    }

    @ParameterizedTest(name = "[{0}]")
    @EnumSource(names = {"H1", "H2"})
    void theLaterOfTwoDatesCounts(Transport transport) throws Exception {
        start(transport, 1);
        backends.get(0).answers(answer(503, "60"));
        get(transport);
        backends.get(0).answers(answer(503, "50"));
        get(transport);

        Backend second = new Backend("b", transport);
        open.add(second);
        pool.add(second.asServer());
        backends.get(0).answers(200, "a");
        advance(Duration.ofSeconds(59));
        assertThat(get(transport)).isEqualTo("b");
        advance(Duration.ofSeconds(2));
        assertThat(get(transport)).isEqualTo("a");
    }
}
