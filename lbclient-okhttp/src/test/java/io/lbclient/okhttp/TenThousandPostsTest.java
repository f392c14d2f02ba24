package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Balancer;
import io.lbclient.HealthMonitor;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a POST without a key must never see: itself twice. */
@Timeout(240)
@DisplayName("10 000 POSTs to servers that misbehave in every way that makes OkHttp repeat")
class TenThousandPostsTest {
    private static final int POSTS = 10_000;
    private static final int THREADS = 8;

    private final Map<String, AtomicInteger> seen = new ConcurrentHashMap<>();
    private final AtomicInteger turn = new AtomicInteger();

    /** Reads a request and its body, notes its path, and then does one of the things that servers do. */
    private void misbehave(RawServer.Connection connection) throws IOException {
        while (true) {
            String first = connection.read();
            if (first == null) {
                return;
            }
            seen.computeIfAbsent(first, path -> new AtomicInteger()).incrementAndGet();
            switch (turn.incrementAndGet() % 6) {
                case 0 -> {
                    connection.reset();
                    return;
                }
                case 1 -> {
                    connection.write("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                    return;
                }
                case 2 ->
                    connection.write("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n");
                case 3 -> {
                    connection.ok("and goodbye");
                    // The client takes the connection for idle, and finds it closed.
                    return;
                }
                case 4 -> {
                    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut");
                    return;
                }
                default -> connection.ok("fine");
            }
        }
    }

    @ParameterizedTest(name = "no server sees one twice [installed: {0}]")
    @ValueSource(booleans = {true, false})
    void noDuplicates(boolean installed) throws Exception {
        Balancer turns = Balancers.roundRobin();
        try (RawServer a = new RawServer(this::misbehave);
                RawServer b = new RawServer(this::misbehave);
                RawServer c = new RawServer(this::misbehave);
                ServerPool pool = ServerPool.builder(Transport.SERVICE)
                        .servers(a.asServer("a"), b.asServer("b"), c.asServer("c"))
                        .balancer(turns)
                        .healthMonitors(HealthMonitor.consecutiveFailures(1_000_000))
                        .build()) {
            LoadBalancingInterceptor interceptor = LoadBalancingInterceptor.of(pool);
            OkHttpClient plain = new OkHttpClient.Builder()
                    .connectionPool(new ConnectionPool(50, 1, TimeUnit.MINUTES))
                    .build();
            OkHttpClient client = installed
                    ? interceptor.install(plain)
                    : plain.newBuilder().addInterceptor(interceptor).build();
            int answered = post(client);

            List<String> twice = seen.entrySet().stream()
                    .filter(e -> e.getValue().get() > 1)
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toList());
            assertThat(twice).isEmpty();
            assertThat(seen).as("and most were sent").hasSizeGreaterThan(POSTS * 8 / 10);
            assertThat(answered).isGreaterThan(POSTS / 3);
            assertThat(pool.snapshot().servers()).allMatch(s -> s.inFlight() == 0);
            client.connectionPool().evictAll();
        }
    }

    private static int post(OkHttpClient client) throws Exception {
        AtomicInteger answered = new AtomicInteger();
        Callers.make(POSTS, THREADS, number -> {
            Request request = new Request.Builder()
                    .url("http://" + Transport.SERVICE + "/" + number)
                    .post(RequestBody.create("body " + number, null))
                    .build();
            try (Response response = client.newCall(request).execute()) {
                response.body().string();
                answered.incrementAndGet();
            } catch (IOException e) {
                // As it must be: nobody knows whether the server did it.
            }
        });
        return answered.get();
    }
}
