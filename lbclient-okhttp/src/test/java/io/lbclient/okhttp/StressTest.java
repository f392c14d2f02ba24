package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.balancer.Balancers;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(180)
class StressTest {
    private static final int CALLS = 3000;
    private static final int THREADS = 12;

    private final AtomicInteger whole = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger corrupted = new AtomicInteger();
    private final AtomicInteger canceledInBetween = new AtomicInteger();

    @ParameterizedTest(
            name = "55: 3000 calls with random cancels, closes and timeouts end at 0 in flight, none corrupted [{0}]")
    @EnumSource(names = {"H1", "H2C"})
    void endsAtZero(Transport transport) throws Exception {
        ScheduledExecutorService later = Executors.newScheduledThreadPool(1);
        try (LeakLog log = new LeakLog();
                Cluster cluster = Cluster.of(transport, Balancers.leastRequests(), 3)) {
            cluster.client(
                    c -> c.readTimeout(1, TimeUnit.SECONDS).eventListenerFactory(call -> new CanceledInBetween()));
            cluster.backends.forEach(b -> b.answers(request -> answer(transport, request)));
            Callers.make(CALLS, THREADS, number -> oneCall(cluster, later, number));
            cluster.awaitIdle();
            assertThat(cluster.pool.snapshot().servers()).allMatch(s -> s.inFlight() == 0);
            assertThat(corrupted).hasValue(0);
            assertThat(whole.get()).isGreaterThan(CALLS / 3);
            assertThat(failed.get()).isGreaterThan(CALLS / 20);
            int picks = (int) cluster.pool.snapshot().servers().stream()
                    .mapToLong(s -> s.picks())
                    .sum();
            assertThat(cluster.endings).as("every attempt ended once").hasSize(picks);
            System.gc();
            cluster.backends.forEach(b -> b.answers(200, "after"));
            assertThat(cluster.get("/after")).isEqualTo("after");
            assertThat(log.leaks).hasSizeLessThanOrEqualTo(canceledInBetween.get());
        } finally {
            later.shutdownNow();
        }
    }

    /**
     * Counts the calls whose connections OkHttp itself loses: canceled right after the headers were sent, it takes the
     * request for failed, reads the answer all the same, and never ends the call. No interceptor can end it.
     */
    private final class CanceledInBetween extends EventListener {
        private volatile boolean requestFailed;

        @Override
        public void requestFailed(Call call, IOException failure) {
            requestFailed = true;
        }

        @Override
        public void responseHeadersStart(Call call) {
            if (requestFailed) {
                canceledInBetween.incrementAndGet();
            }
        }
    }

    /** What the server does depends on the request alone, so every run is alike as far as threads allow. */
    private static MockResponse answer(Transport transport, RecordedRequest request) {
        int id = Integer.parseInt(request.getUrl().encodedPath().substring(1));
        Random random = new Random(id * 31L + request.getMethod().length());
        MockResponse.Builder response = new MockResponse.Builder().body(body(id));
        switch (random.nextInt(12)) {
            case 0 -> response.code(503).addHeader("Retry-After", "0");
            case 1 -> response.code(500);
            case 2 -> response.headersDelay(random.nextInt(20), TimeUnit.MILLISECONDS);
            case 3 -> response.bodyDelay(random.nextInt(20), TimeUnit.MILLISECONDS);
            case 4 -> response.throttleBody(2000, 1, TimeUnit.MILLISECONDS);
            case 5 -> {
                if (transport == Transport.H1) {
                    response.onResponseBody(new SocketEffect.CloseSocket());
                }
            }
            case 6 -> {
                if (transport == Transport.H1) {
                    response.onResponseStart(new SocketEffect.CloseSocket());
                }
            }
            case 7 -> response.setHeader("Connection", "close");
            default -> {}
        }
        return response.build();
    }

    private static String body(int id) {
        return (id + ".").repeat(200 + id % 3000);
    }

    private void oneCall(Cluster cluster, ScheduledExecutorService later, int id) {
        Random random = new Random(id);
        var request = cluster.request("/" + id);
        if (random.nextInt(4) == 0) {
            request.post(RequestBody.create("body", null));
        }
        Call call = cluster.client.newCall(request.build());
        int action = random.nextInt(8);
        if (action == 0) {
            later.schedule(call::cancel, random.nextInt(6_000), TimeUnit.MICROSECONDS);
        } else if (action == 1) {
            call.timeout().timeout(1 + random.nextInt(15), TimeUnit.MILLISECONDS);
        }
        try (Response response = call.execute()) {
            BufferedSource source = response.body().source();
            if (action == 2) {
                source.readByteArray(Math.min(100, body(id).length()));
            } else if (action != 3) {
                String text = source.readUtf8();
                if (text.equals(body(id))) {
                    whole.incrementAndGet();
                } else {
                    corrupted.incrementAndGet();
                }
            }
        } catch (IOException e) {
            failed.incrementAndGet();
        }
    }
}
